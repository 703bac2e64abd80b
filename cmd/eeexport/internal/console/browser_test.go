package console

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"example.com/eeexport/handler/local"
)

const (
	operationCards = `document.querySelectorAll('#operations li.card').length`
	succeededCards = `document.querySelectorAll('#operations li[data-state=SUCCEEDED]').length`
	requestCards   = `document.querySelectorAll('#requests li.card').length`
	newestRequest  = `document.querySelector('#requests li.card')`
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

	b.click("#requests li[data-trigger=event] button[aria-label^=Redeliver]")
	b.await("the event again", newestRequest+`.textContent.includes('redelivered') && `+newestRequest+`.dataset.attempts === '2'`)
	b.await("the Operation published again under one ID", `document.querySelector('#operations li.card').textContent.includes('started × 2 under 1 ce-id')`)
	b.await("no third Operation", operationCards+` === 2`)

	b.renew()
	b.movesNothing(func() {
		b.click("#fault-lost-answer")
		b.await("the fault to come", `document.querySelector('#armed-lost-answer:not(.none)')?.textContent === '1 to come'`)
	})
	b.click("#send-http")
	b.await("a retry", newestRequest+`.textContent.includes('2 calls') && `+newestRequest+`.textContent.includes('exported')`)
	b.await("one Operation more", operationCards+` === 3`)
	b.await("the fault used up", `document.querySelector('#armed-lost-answer.none')`)

	b.pick("decision-tree-ensemble.json", "decisionTreeEnsemble")
	b.click("#fault-publish")
	b.await("the fault to come", `document.querySelector('#armed-publish:not(.none)')`)
	b.click("#send-event")
	b.await("a first attempt that fails and a second that succeeds", newestRequest+`.dataset.attempts === '2' && `+
		newestRequest+`.textContent.includes('unpublished') && `+newestRequest+`.textContent.includes('acknowledged')`)
	b.await("one Operation more", operationCards+` === 4`)

	b.pick("svm-trained.json", "libsvm")
	b.click("#send-http")
	b.await("its violations", newestRequest+`.querySelector('.violations')?.textContent.includes('expression')`)
	b.await("a completion while other Operations run", `document.querySelector('#topics')?.textContent.includes('operation.succeeded')`)
	b.showsOneRun()
	evaluate[bool](b, `(window.scrollTo(0, 0), document.querySelector('#controls').open = false)`)
	b.screenshot("run", 1600, 1000, 1, "light") // the README's
	evaluate[bool](b, `document.querySelector('#controls').open = true`)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.await("all Operations to succeed", succeededCards+` === 4 && `+operationCards+` === 4`)
	b.await("their completions", `[...document.querySelectorAll('#topics li.card')].filter((c) => c.textContent.includes('succeeded')).length >= 4`)

	b.byKeyboard()
	b.editsFields()
	b.endsByHand()
	b.copies(s)
	b.searches()
	b.markupIsText(s)
	b.everySize()
	b.comesBack(page)
	b.click("#clear")
	b.await("nothing that has ended", requestCards+` === 0 && `+operationCards+` === 0`)
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

// fill types into a field, or replaces what the body is.
func (b *browser) fill(id, value string) {
	b.t.Helper()
	evaluate[bool](b, fmt.Sprintf(`(() => { const e = document.getElementById(%q); e.value = %q; return e.dispatchEvent(new Event('input')); })()`, id, value))
}

// movesNothing checks that an action leaves the cards where they are.
func (b *browser) movesNothing(action func()) {
	b.t.Helper()
	const where = `['#columns', '#toolbar', '#times'].map((id) => document.querySelector(id).getBoundingClientRect().top + scrollY).join()`
	before := evaluate[string](b, where)
	action()
	if after := evaluate[string](b, where); after != before {
		b.t.Errorf("the page has moved from %s to %s", before, after)
	}
}

// showsOneRun selects the event that was delivered twice.
func (b *browser) showsOneRun() {
	b.t.Helper()
	const card = `[...document.querySelectorAll('#requests li.card')].find((c) => c.textContent.includes('unpublished'))`
	b.movesNothing(func() {
		evaluate[bool](b, card+`.querySelector('.head').click() === undefined`)
		b.await("the timeline", `!document.querySelector('#run').hidden`)
	})
	for _, step := range []string{"requests export request", "unpublished", "delivery 2", "decode", "publish", "operations operation.started", "RUNNING"} {
		want := fmt.Sprintf(`document.querySelector('#run-steps').innerText.replaceAll('\n', ' ').replaceAll(/\s+/g, ' ').includes(%q)`, step)
		b.await(step, want)
	}
	b.await("others step back", `document.querySelectorAll('#requests li.aside').length > 0 && document.querySelectorAll('#operations li:not(.aside)').length === 1`)
}

// byKeyboard opens a message and walks along requests without a mouse.
func (b *browser) byKeyboard() {
	b.t.Helper()
	b.do(chromedp.Focus(chromedp.CSS("#topics details summary")), chromedp.KeyEvent(kb.Enter))
	b.await("the message's attributes and data", `document.querySelector('#topics details[open] pre')?.textContent.includes('"name": "projects/')
		&& document.querySelector('#topics details[open] .attributes').textContent.includes('ce-id')`)
	b.do(chromedp.Focus(chromedp.CSS("#requests .filters button:nth-child(5)")), chromedp.KeyEvent(" "))
	b.await("refused requests alone", `document.querySelectorAll('#requests li.card:not([hidden])').length === 1`)
	b.do(chromedp.Focus(chromedp.CSS("#requests .filters button:first-child")), chromedp.KeyEvent(" "))
	b.await("all requests", `document.querySelectorAll('#requests li.card[hidden]').length === 0`)
	b.do(chromedp.Focus(chromedp.CSS("#requests li .head")), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
	b.await("the second request selected", `document.querySelectorAll('#requests .head')[1].getAttribute('aria-pressed') === 'true'`)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.await("nothing selected", `document.querySelector('#run').hidden`)
	if unnamed := b.texts(`button:not([aria-label]):empty, input:not([id]), pre:not([aria-label])`); len(unnamed) > 0 {
		b.t.Errorf("without a name: %q", unnamed)
	}
}

// editsFields edits the fields of a request: the rest keeps its bytes.
func (b *browser) editsFields() {
	b.t.Helper()
	const body = `document.querySelector('#body').value`
	b.fill("body", `{"expression": {"n": 1.0e400, "b": 1, "a": 2}, "requestId":"old"}`)
	b.await("the request ID", `document.querySelector('#request-id').value === 'old'`)
	b.fill("request-id", "new")
	b.fill("asset", "projects/my-project/assets/a")
	b.fill("arguments", `{"end": "{date}"}`)
	b.await("the fields in the body", body+` === '{"arguments": {"end": "{date}"}, "assetExportOptions": {"earthEngineDestination": {"name": "projects/my-project/assets/a"}}, "expression": {"n": 1.0e400, "b": 1, "a": 2}, "requestId":"new"}'`)

	b.fill("body", fmt.Sprintf(`{"message": {"data": %q, "attributes": {"k": "v"}}, "subscription": "s"}`, base64.StdEncoding.EncodeToString([]byte(`{"requestId": "é"}`))))
	b.await("the message unwrapped", body+` === '{"requestId": "é"}' && document.querySelector('#attributes').value === '{"k":"v"}'`)
	b.fill("attributes", "")
}

// endsByHand lets an Operation fail: its completion is red.
func (b *browser) endsByHand() {
	b.t.Helper()
	b.pick("cart-trained.json", "smileCart")
	b.click("#send-http")
	b.await("a running Operation", `document.querySelector('#operations li[data-state=PENDING], #operations li[data-state=RUNNING]')`)
	b.click("#operations li.card button[aria-label^=Fail]")
	b.await("it failed", `document.querySelector('#operations li[data-state=FAILED]')`)
	b.await("a red completion", `[...document.querySelectorAll('#topics li.card .chip.bad')].some((c) => c.closest('li').textContent.includes('operation.failed'))`)
}

// copies copies an address and a request, and sends a request again.
func (b *browser) copies(s *local.Stack) {
	b.t.Helper()
	b.click("#endpoints button")
	b.await("the address copied", `document.querySelector('#result').textContent.includes('Copied the address of ExportClassifier')`)
	b.click("#requests li[data-trigger=http] button[aria-label^=Copy]")
	b.await("the command copied", `document.querySelector('#result').textContent.includes('Copied the curl command')`)
	b.click("#requests li[data-trigger=event] button[aria-label^=Edit]")
	b.await("the event's request in the editor", `document.querySelector('#body').value.startsWith('{') && document.activeElement.id === 'body'`)
	b.click("#requests li[data-trigger=http] details summary")
	b.await("headers and bodies", fmt.Sprintf(`document.querySelector('#requests details[open]').textContent.includes('POST %s')`, s.HTTPURL))
	b.click("#requests li[data-trigger=http] details summary")
}

// searches finds one request among all.
func (b *browser) searches() {
	b.t.Helper()
	b.do(chromedp.Focus(chromedp.CSS("#clear")), chromedp.KeyEvent("/"))
	b.await("the search field", `document.activeElement.id === 'search'`)
	b.fill("search", "libsvm")
	b.await("one request", `document.querySelectorAll('#requests li.card:not([hidden])').length === 1`)
	b.fill("search", "")
	b.await("all requests", `document.querySelectorAll('#requests li.card[hidden]').length === 0`)
}

// markupIsText publishes what would be a script if it were taken for markup.
func (b *browser) markupIsText(s *local.Stack) {
	b.t.Helper()
	const hostile = `<img src=x onerror="document.title='owned'">`
	s.PubSub.Publish(local.FailuresTopic, []byte(hostile), map[string]string{"message": hostile})
	// Completions may arrive meanwhile, and are above it.
	const card = `[...document.querySelectorAll('#topics li.card')].find((c) => c.textContent.includes('onerror'))`
	b.await("the message", card+` !== undefined`)
	evaluate[bool](b, card+`.querySelector('summary').click() === undefined`)
	b.await("its data as text", fmt.Sprintf(card+`.querySelector('pre')?.textContent === %q`, hostile))
	b.await("no markup", `document.querySelectorAll('img').length === 0 && document.title === 'eeexport console'`)
	evaluate[bool](b, card+`.querySelector('summary').click() === undefined`)
}

// everySize keeps a picture of the page on three screens, in light and dark.
func (b *browser) everySize() {
	b.t.Helper()
	for _, screen := range []struct {
		name          string
		width, height int64
		dots          float64
	}{{"desktop", 1600, 1000, 1}, {"tablet", 900, 1200, 1}, {"phone", 390, 844, 2}} {
		for _, scheme := range []string{"light", "dark"} {
			b.do(chromedp.EmulateViewport(screen.width, screen.height))
			evaluate[bool](b, `window.scrollTo(0, 0) === undefined`)
			b.screenshot(screen.name+"-"+scheme, screen.width, screen.height, screen.dots, scheme)
			if overflow := evaluate[int](b, `document.documentElement.scrollWidth - window.innerWidth`); overflow > 0 {
				b.t.Errorf("%s: the page is %d pixels too wide", screen.name, overflow)
			}
		}
	}
	b.click("nav a[href='#requests']")
	b.await("the requests", `document.querySelector('#requests').getBoundingClientRect().top < 100`)
	b.screenshot("phone-requests", 390, 844, 2, "dark")
	evaluate[bool](b, `document.querySelector('#requests .head').click() === undefined`)
	b.screenshot("phone-run", 390, 844, 2, "light")
	evaluate[bool](b, `document.querySelector('#run-close').click() === undefined`)
	b.do(chromedp.EmulateViewport(1600, 1000))
}

// comesBack cuts every connection: the page must reconnect, and show everything
// once.
func (b *browser) comesBack(page *Console) {
	b.t.Helper()
	cards := func() string {
		return strings.Join(b.texts("#columns h2 .count"), " ")
	}
	before := cards()
	evaluate[bool](b, `(document.querySelector('#result').dataset.lost = 'true', document.querySelector('#result').textContent = 'cannot be reached') !== ''`)
	page.mu.Lock()
	for s := range page.streams {
		delete(page.streams, s)
		close(s.events)
	}
	page.mu.Unlock()
	b.await("that it is cut off", `document.querySelector('#connection').textContent !== 'live'`)
	b.await("that it is back", `document.querySelector('#connection').textContent === 'live'`)
	b.await("that it can be reached is said no more", `document.querySelector('#result').textContent === ''`)
	b.await("the snapshot", operationCards+` === 5`)
	if after := cards(); after != before {
		b.t.Errorf("requests, Operations and messages were %s, and are %s", before, after)
	}
}
