package console

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// browser drives one tab of a headless Chromium.
type browser struct {
	t     *testing.T
	ctx   context.Context
	shots string // where pictures are kept

	mu     sync.Mutex
	faults []string // that the page's scripts have had
}

// findChromium returns the browser that is installed; "" if there is none.
func findChromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// newBrowser starts Chromium with a fresh profile. It returns nil, and says so, if
// none is installed; with CI=true, which installs it, that is a failure.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	program := findChromium()
	if program == "" {
		const missing = "the page has NOT been tested: no Chromium is installed (Debian: apt-get install chromium)"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Log(missing)
		return nil
	}
	b := &browser{t: t, shots: os.Getenv("EEEXPORT_SCREENSHOTS")}
	if b.shots == "" {
		b.shots = t.TempDir()
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), opts...)
	t.Cleanup(cancel)
	b.ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(func() {
		_ = chromedp.Cancel(b.ctx) // waits for the end, so that the profile can be removed
		cancel()
	})
	messages := chromedp.Console(b.ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.faults = append(b.faults, m.String())
			b.mu.Unlock()
		}
	}()
	return b
}

// checkConsole fails the test for what the page's scripts have thrown or
// written, and for what the Content-Security-Policy has kept out.
func (b *browser) checkConsole() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.faults) > 0 {
		b.t.Errorf("on the browser's console:\n%s", strings.Join(b.faults, "\n"))
	}
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// evaluate returns the value of a JavaScript expression.
func evaluate[T any](b *browser, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// await waits until a JavaScript expression is true. It asks again and again
// from outside: a function of chromedp's in the page would need eval, which the
// Content-Security-Policy forbids.
func (b *browser) await(what, expression string) {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !evaluate[bool](b, "!!("+expression+")"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.screenshot("failed", 1600, 1400, 1, "light")
			b.t.Fatalf("not seen: %s: %s", what, expression)
		}
	}
}

// click clicks on the element that a CSS selector finds.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// texts returns the text of every element that a CSS selector finds.
func (b *browser) texts(selector string) []string {
	b.t.Helper()
	return evaluate[[]string](b, fmt.Sprintf(`[...document.querySelectorAll(%q)].map((e) => e.textContent)`, selector))
}

// screenshot keeps a picture of the page on a screen of this size; one
// with more than a dot a pixel is a phone's.
func (b *browser) screenshot(name string, width, height int64, dots float64, scheme string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height, chromedp.EmulateScale(dots), func(p *emulation.SetDeviceMetricsOverrideParams, _ *emulation.SetTouchEmulationEnabledParams) {
		p.Mobile = dots > 1
	}))
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Sleep(150 * time.Millisecond)) // for the layout and its transitions
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.shots, "console-"+name+".png"), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
