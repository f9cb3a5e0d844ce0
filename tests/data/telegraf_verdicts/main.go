// What Telegraf says to the line protocol corpus.
//
// The corpus (influxdata/line-protocol-corpus, corpus.json) holds texts and what the specification's
// reference decoder makes of them. This program gives each of its decode cases to Telegraf's own
// internal influx parser and writes one JSON object a line, sorted by key, to stdout; the summary goes
// to stderr. Run it in its folder with the corpus, plain or gzipped, as the argument:
//
//	go run . corpus.json.gz                                  every case: accepted or not, and the metrics
//	go run . -deviations corpus.json.gz > ../corpus_deviations.json     only where the two differ
//
// It promises: a text counts as accepted when Telegraf's parser of a block (inputs.file) finds no error
// anywhere in it. The parser of a stream (an execd program's stdout) is asked as well, and the program
// ends with a fault if the two disagree. The metrics of a rejected text are the good lines that the
// stream parser delivers, because Telegraf skips a bad line and reads on. On texts that end in a carriage
// return, or in a backslash in the wrong place, the stream parser never comes back from the end of the
// stream; such a case is marked "endless" and has the block parser's verdict alone.
// Timestamps are read in the precision that the case names, and a line without one gets the case's
// default time, truncated to that precision.
//
// It does not look at the corpus' encode cases, at error texts, or at the order of tags and fields:
// Telegraf sorts tags and keeps fields in no order, so both sides are sorted before they are compared.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/influxdata/telegraf"
	"github.com/influxdata/telegraf/config"
	"github.com/influxdata/telegraf/plugins/parsers/influx"
)

func main() {
	deviationsOnly := flag.Bool("deviations", false, "write a JSON array of the cases where Telegraf and the corpus differ")
	flag.Parse()
	if flag.NArg() != 1 {
		fail(errors.New("usage: telegraf_verdicts [-deviations] corpus.json[.gz]"))
	}
	cases, err := readCorpus(flag.Arg(0))
	if err != nil {
		fail(err)
	}
	if err := report(os.Stdout, os.Stderr, cases, *deviationsOnly); err != nil {
		fail(err)
	}
}

// judge gives the case's text to both parsers.
func judge(c decodeCase) (verdict, error) {
	block, blockErr := parseBlock(c)
	streamed, streamErr := parseStream(c)
	v := verdict{Key: c.key, Endless: errors.Is(streamErr, errEndless), Metrics: block}
	switch {
	case blockErr != nil:
		v.Error, v.Metrics = blockErr.Error(), streamed
	case !v.Endless && !equal(streamed, block):
		return v, fmt.Errorf("case %s: the two parsers make different metrics", c.key)
	}
	if !v.Endless && (streamErr == nil) != (blockErr == nil) {
		return v, fmt.Errorf("case %s: the stream parser says %v, the block parser %v", c.key, streamErr, blockErr)
	}
	return v, nil
}

// errEndless is what endingReader says to a parser that keeps asking.
var errEndless = errors.New("the parser did not understand the end of the stream")

// endingReader tells the end of the text a few times, then fails.
type endingReader struct {
	text *bytes.Reader
	ends int
}

func (r *endingReader) Read(p []byte) (int, error) {
	n, err := r.text.Read(p)
	if err == io.EOF {
		if r.ends++; r.ends > 3 {
			return 0, errEndless
		}
	}
	return n, err
}

// parseStream reads the text as processors.execd reads its child: on past every parse error.
// The error is errEndless, else the first parse error.
func parseStream(c decodeCase) (metrics []metric, first error) {
	parser := influx.NewStreamParser(&endingReader{text: bytes.NewReader(c.text)})
	parser.SetTimePrecision(c.precision)
	parser.SetTimeFunc(func() time.Time { return c.defaultTime })
	metrics = []metric{}
	for {
		m, err := parser.Next()
		var parseErr *influx.ParseError
		switch {
		case errors.Is(err, influx.EOF):
			return metrics, first
		case errors.As(err, &parseErr):
			if first == nil {
				first = err
			}
		case err != nil:
			return metrics, err
		case m != nil:
			metrics = append(metrics, fromTelegraf(m))
		}
	}
}

// parseBlock reads the text as inputs.file reads a file: the first parse error ends it.
func parseBlock(c decodeCase) ([]metric, error) {
	parser := influx.Parser{InfluxTimestampPrecision: config.Duration(c.precision)}
	if err := parser.Init(); err != nil {
		return nil, err
	}
	parser.SetTimeFunc(func() time.Time { return c.defaultTime })
	parsed, err := parser.Parse(c.text)
	if err != nil {
		return nil, err
	}
	return fromAll(parsed), nil
}

func fromAll(parsed []telegraf.Metric) []metric {
	metrics := []metric{}
	for _, m := range parsed {
		metrics = append(metrics, fromTelegraf(m))
	}
	return metrics
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
