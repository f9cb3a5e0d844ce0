// The corpus' own shapes: its cases, its metrics, and its texts that may be binary.
package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/influxdata/telegraf"
)

// decodeCase is one text of the corpus and what its reference decoder makes of it.
type decodeCase struct {
	key         string
	text        []byte
	defaultTime time.Time
	precision   time.Duration
	accepted    bool     // by the reference decoder
	metrics     []metric // when accepted
}

// text is a byte string: JSON text where it is UTF-8, else {"binary": base64}.
type text string

type binary struct {
	Binary []byte `json:"binary"`
}

func (t text) MarshalJSON() ([]byte, error) {
	if !utf8.ValidString(string(t)) {
		return json.Marshal(binary{[]byte(t)})
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(string(t))
	return bytes.TrimSpace(out.Bytes()), err
}

func (t *text) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(raw, []byte("{")) {
		var b binary
		err := json.Unmarshal(raw, &b)
		*t = text(b.Binary)
		return err
	}
	var s string
	err := json.Unmarshal(raw, &s)
	*t = text(s)
	return err
}

// value has exactly one member, its type.
type value struct {
	Float  *float64 `json:"float,omitempty"`
	Int    *int64   `json:"int,omitempty"`
	Uint   *uint64  `json:"uint,omitempty"`
	Bool   *bool    `json:"bool,omitempty"`
	String *text    `json:"string,omitempty"`
}

type tag struct {
	Key   text `json:"key"`
	Value text `json:"value"`
}

type field struct {
	Key   text  `json:"key"`
	Value value `json:"value"`
}

type metric struct {
	Time   int64   `json:"time"` // ns
	Name   text    `json:"name"`
	Tags   []tag   `json:"tags"`
	Fields []field `json:"fields"`
}

func readCorpus(path string) ([]decodeCase, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(path, ".gz") {
		unzipped, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, err
		}
		if raw, err = io.ReadAll(unzipped); err != nil {
			return nil, err
		}
	}
	var corpus struct {
		Decode map[string]struct {
			Input struct {
				Text        text   `json:"text"`
				DefaultTime int64  `json:"defaultTime"`
				Precision   string `json:"precision"`
			} `json:"input"`
			Output struct {
				Error  *text    `json:"error"`
				Result []metric `json:"result"`
			} `json:"output"`
		} `json:"decode"`
	}
	if err := json.Unmarshal(raw, &corpus); err != nil {
		return nil, err
	}
	var cases []decodeCase
	for key, c := range corpus.Decode {
		precision, err := time.ParseDuration(c.Input.Precision)
		if err != nil {
			return nil, fmt.Errorf("case %s: %w", key, err)
		}
		cases = append(cases, decodeCase{
			key:         key,
			text:        []byte(c.Input.Text),
			defaultTime: time.Unix(0, c.Input.DefaultTime),
			precision:   precision,
			accepted:    c.Output.Error == nil,
			metrics:     sorted(c.Output.Result),
		})
	}
	slices.SortFunc(cases, func(a, b decodeCase) int { return cmp.Compare(a.key, b.key) })
	return cases, nil
}

func fromTelegraf(m telegraf.Metric) metric {
	out := metric{Time: m.Time().UnixNano(), Name: text(m.Name()), Tags: []tag{}, Fields: []field{}}
	for _, t := range m.TagList() {
		out.Tags = append(out.Tags, tag{text(t.Key), text(t.Value)})
	}
	for _, f := range m.FieldList() {
		out.Fields = append(out.Fields, field{text(f.Key), fromField(f.Value)})
	}
	return sorted([]metric{out})[0]
}

func fromField(v any) value {
	switch v := v.(type) {
	case float64:
		return value{Float: &v}
	case int64:
		return value{Int: &v}
	case uint64:
		return value{Uint: &v}
	case bool:
		return value{Bool: &v}
	case string:
		s := text(v)
		return value{String: &s}
	default:
		panic(fmt.Sprintf("a field of type %T", v))
	}
}

func sorted(metrics []metric) []metric {
	for i := range metrics {
		slices.SortFunc(metrics[i].Tags, func(a, b tag) int { return cmp.Compare(a.Key, b.Key) })
		slices.SortFunc(metrics[i].Fields, func(a, b field) int { return cmp.Compare(a.Key, b.Key) })
	}
	return metrics
}

func equal(a, b []metric) bool {
	return slices.EqualFunc(a, b, func(a, b metric) bool {
		return a.Time == b.Time && a.Name == b.Name && slices.Equal(a.Tags, b.Tags) &&
			slices.EqualFunc(a.Fields, b.Fields, func(a, b field) bool {
				return a.Key == b.Key && same(a.Value.Float, b.Value.Float) &&
					same(a.Value.Int, b.Value.Int) && same(a.Value.Uint, b.Value.Uint) &&
					same(a.Value.Bool, b.Value.Bool) && same(a.Value.String, b.Value.String)
			})
	})
}

// same compares by value; zero equals minus zero: the corpus has no sign on the zeros of "-0." and "-0e-4".
func same[T comparable](a, b *T) bool {
	return (a == nil) == (b == nil) && (a == nil || *a == *b)
}
