// What is written: every verdict, or only the deviations; and the counts.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// verdict is what Telegraf makes of one text.
type verdict struct {
	Key     string   `json:"key"`
	Error   string   `json:"error,omitempty"` // the first one; none: accepted
	Endless bool     `json:"endless,omitempty"`
	Metrics []metric `json:"metrics"`
}

// deviation is a case where Telegraf and the corpus differ.
type deviation struct {
	Key      string   `json:"key"`
	Telegraf string   `json:"telegraf"` // "accepts", "rejects", or "differs": both accept, the metrics differ
	Endless  bool     `json:"endless,omitempty"`
	Metrics  []metric `json:"metrics"` // Telegraf's
}

type counts struct {
	cases, bothAccept, bothReject, telegrafAccepts, telegrafRejects, differs, endless int
}

// compare names the deviation of a case, "" when there is none.
func (n *counts) compare(c decodeCase, v verdict) string {
	n.cases++
	if v.Endless {
		n.endless++
	}
	accepted := v.Error == ""
	switch {
	case accepted && !c.accepted:
		n.telegrafAccepts++
		return "accepts"
	case !accepted && c.accepted:
		n.telegrafRejects++
		return "rejects"
	case !accepted:
		n.bothReject++
		return ""
	case !equal(v.Metrics, c.metrics):
		n.differs++
		return "differs"
	default:
		n.bothAccept++
		return ""
	}
}

func report(out, summary io.Writer, cases []decodeCase, deviationsOnly bool) error {
	var n counts
	var lines []any
	for _, c := range cases {
		v, err := judge(c)
		if err != nil {
			return err
		}
		kind := n.compare(c, v)
		if !deviationsOnly {
			lines = append(lines, v)
		} else if kind != "" {
			lines = append(lines, deviation{v.Key, kind, v.Endless, v.Metrics})
		}
	}
	fmt.Fprintf(summary, "cases %d: both accept %d, both reject %d, only Telegraf accepts %d, only the corpus accepts %d, both accept with different metrics %d; endless %d\n",
		n.cases, n.bothAccept, n.bothReject, n.telegrafAccepts, n.telegrafRejects, n.differs, n.endless)
	return writeLines(out, lines, deviationsOnly)
}

// writeLines writes one value a line, as a JSON array when asked for.
func writeLines(out io.Writer, lines []any, array bool) error {
	w := bufio.NewWriter(out)
	if array {
		fmt.Fprintln(w, "[")
	}
	for i, line := range lines {
		var buf bytes.Buffer
		encoder := json.NewEncoder(&buf)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(line); err != nil {
			return err
		}
		w.Write(bytes.TrimRight(buf.Bytes(), "\n"))
		if array && i+1 < len(lines) {
			w.WriteByte(',')
		}
		w.WriteByte('\n')
	}
	if array {
		fmt.Fprintln(w, "]")
	}
	return w.Flush()
}
