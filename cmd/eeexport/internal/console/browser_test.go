package console

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"example.com/eeexport/handler/local"
)

const (
	operationCards = `document.querySelectorAll('#operations li.card').length`
	succeededCards = `document.querySelectorAll('#operations li[data-state=SUCCEEDED]').length`
	requestCards   = `document.querySelectorAll('#requests li.card:not([data-trigger=watch])').length`
	newestRequest  = `document.querySelector('#requests li.card:not([data-trigger=watch])')`
)

func TestPage(t *testing.T) {
	b := newBrowser(t)
	if b == nil {
		return
	}
	page, s := start(t)
	b.do(chromedp.EmulateViewport(1600, 1000), chromedp.Navigate(page.URL))
	b.await("the stream", `document.querySelector('#connection').textContent === 'live'`)
	b.await("an example", `document.querySelector('#body').value.includes('smileRandomForest')`)

	b.click("#send-http")
	b.await("the request by HTTP", newestRequest+`?.textContent.includes('exported')`)
	b.await("its Operation on its way", `document.querySelector('#operations progress')?.value > 0`)

	// The same request sent again is the same export.
	b.click("#send-http")
	b.await("a second request", requestCards+` === 2 && `+newestRequest+`.textContent.includes('exported')`)
	b.await("one Operation", operationCards+` === 1`)

	b.pick("cart-trained.json", "smileCart")
	b.click("#send-event")
	b.await("the event", newestRequest+`?.dataset.trigger === 'event' && `+newestRequest+`.textContent.includes('exported')`)
	b.await("its Operation", operationCards+` === 2`)

	b.click("#requests li[data-trigger=event] button")
	b.await("the event again", newestRequest+`.textContent.includes('redelivered') && `+newestRequest+`.dataset.attempts === '2'`)
	b.await("the Operation published again under one ID", `document.querySelector('#operations li.card').textContent.includes('started × 2 under 1 ce-id')`)
	b.await("no third Operation", operationCards+` === 2`)

	b.renew()
	b.click("#fault-lost-answer")
	b.await("the fault to come", `document.querySelector('#armed-lost-answer').textContent === '1 to come'`)
	b.click("#send-http")
	b.await("a retry", newestRequest+`.textContent.includes('2 calls') && `+newestRequest+`.textContent.includes('exported')`)
	b.await("one Operation more", operationCards+` === 3`)
	b.await("the fault used up", `document.querySelector('#armed-lost-answer').hidden`)

	b.pick("decision-tree-ensemble.json", "decisionTreeEnsemble")
	b.click("#fault-publish")
	b.await("the fault to come", `!document.querySelector('#armed-publish').hidden`)
	b.click("#send-event")
	b.await("a first attempt in vain and a second that succeeds", newestRequest+`.dataset.attempts === '2' && `+
		newestRequest+`.textContent.includes('unpublished') && `+newestRequest+`.textContent.includes('acknowledged')`)
	b.await("one Operation more", operationCards+` === 4`)

	b.pick("svm-trained.json", "libsvm")
	b.click("#send-http")
	b.await("its violations", newestRequest+`.querySelector('.violations')?.textContent.includes('expression')`)
	b.await("a completion while other Operations run", `document.querySelector('#topics')?.textContent.includes('operation.succeeded')`)
	b.screenshot("wide-light", 1600, 1000, 1, "light")
	b.await("all Operations to succeed", succeededCards+` === 4 && `+operationCards+` === 4`)
	b.await("their completions", `[...document.querySelectorAll('#topics li.card')].filter((c) => c.textContent.includes('succeeded')).length >= 4`)

	b.byKeyboard()
	b.markupIsText(s)
	b.screenshot("wide-dark", 1600, 1000, 1, "dark")
	b.screenshot("phone", 390, 844, 2, "light")
	if overflow := evaluate[int](b, `document.documentElement.scrollWidth - window.innerWidth`); overflow > 0 {
		t.Errorf("on a phone the page is %d pixels too wide", overflow)
	}
	b.click("nav a[href='#requests']")
	b.await("the requests", `document.querySelector('#requests').getBoundingClientRect().top < 100`)
	b.screenshot("phone-requests", 390, 844, 2, "dark")
	b.comesBack(page)
	if got := len(s.EarthEngine.Operations()); got != 4 {
		t.Errorf("Earth Engine has started %d exports", got)
	}
	b.checkConsole()
}

// renew makes the request in the form another export.
func (b *browser) renew() {
	b.t.Helper()
	before := evaluate[string](b, `document.querySelector('#body').value`)
	b.click("#renew")
	b.await("another request", fmt.Sprintf(`document.querySelector('#body').value !== %q`, before))
}

// pick chooses an example, which holds a certain text.
func (b *browser) pick(example, text string) {
	b.t.Helper()
	b.do(chromedp.SetValue(chromedp.CSS("#example"), example))
	evaluate[bool](b, `document.querySelector('#example').dispatchEvent(new Event('change'))`)
	b.await(example, fmt.Sprintf(`document.querySelector('#body').value.includes(%q)`, text))
}

// byKeyboard opens a message without a mouse.
func (b *browser) byKeyboard() {
	b.t.Helper()
	b.do(chromedp.Focus(chromedp.CSS("#topics summary")), chromedp.KeyEvent(kb.Enter))
	b.await("the message's attributes and data", `document.querySelector('#topics details[open] pre')?.textContent.includes('"name": "projects/')
		&& document.querySelector('#topics details[open] .attributes').textContent.includes('ce-id')`)
	b.do(chromedp.Focus(chromedp.CSS("#requests .filters button:nth-child(3)")), chromedp.KeyEvent(" "))
	b.await("events alone", `document.querySelectorAll('#requests li.card:not([hidden])').length === 2`)
	b.do(chromedp.Focus(chromedp.CSS("#requests .filters button:first-child")), chromedp.KeyEvent(" "))
	b.await("all requests", `document.querySelectorAll('#requests li.card[hidden]').length === 0`)
}

// markupIsText publishes what would be a script if it were taken for markup.
func (b *browser) markupIsText(s *local.Stack) {
	b.t.Helper()
	const hostile = `<img src=x onerror="document.title='owned'">`
	s.PubSub.Publish(local.FailuresTopic, []byte(hostile), nil)
	// Completions may come meanwhile and stand above it.
	const card = `[...document.querySelectorAll('#topics li.card')].find((c) => c.textContent.includes('failures'))`
	b.await("the message", card+` !== undefined`)
	evaluate[bool](b, card+`.querySelector('summary').click() === undefined`)
	b.await("its data as text", fmt.Sprintf(card+`.querySelector('pre')?.textContent === %q`, hostile))
	b.await("no markup", `document.querySelectorAll('img').length === 0 && document.title === 'eeexport console'`)
	evaluate[bool](b, card+`.querySelector('summary').click() === undefined`)
}

// comesBack cuts every connection: the page must find back by itself, and show
// each thing once.
func (b *browser) comesBack(page *Console) {
	b.t.Helper()
	before := fmt.Sprint(len(b.texts("#requests li.card")), len(b.texts("#operations li.card")), len(b.texts("#topics li.card")))
	page.mu.Lock()
	for s := range page.streams {
		delete(page.streams, s)
		close(s.events)
	}
	page.mu.Unlock()
	b.await("that it is cut off", `document.querySelector('#connection').textContent !== 'live'`)
	b.await("that it is back", `document.querySelector('#connection').textContent === 'live'`)
	b.await("the snapshot", operationCards+` === 4`)
	if after := fmt.Sprint(len(b.texts("#requests li.card")), len(b.texts("#operations li.card")), len(b.texts("#topics li.card"))); after != before {
		b.t.Errorf("requests, Operations and messages were %s, and are %s", before, after)
	}
}
