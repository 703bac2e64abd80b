package local_test

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestFunctionsEndWithTheirOwnerHoweverItEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	owner := exec.CommandContext(ctx, os.Args[0], "owner")
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	// A connection that is open ends when the process at its other end does.
	var conns []net.Conn
	for url := range strings.FieldsSeq(line) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conns = append(conns, conn)
	}
	if len(conns) != 2 {
		t.Fatalf("the owner said %q", line)
	}
	owner.Process.Kill()
	owner.Wait()
	for _, conn := range conns {
		conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := conn.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
			t.Errorf("the function at %v has outlived its owner: %v", conn.RemoteAddr(), err)
		}
	}
}
