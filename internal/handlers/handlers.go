// Package handlers writes the throw-away functions that load what is in a
// layer, and reads what they answer.
package handlers

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
)

//go:embed python nodejs ruby php
var sources embed.FS

// A Code is a function to deploy.
type Code struct {
	// Zip is the code, always the same for the same arguments of For.
	Zip []byte
	// Handler is what the service calls in it.
	Handler string
}

// settings is smoke.json in the zip. The imports are data to the handler and
// never become part of its code.
type settings struct {
	Imports []string `json:"imports"`
	// Text says that the service passes on what a function returns, and makes
	// no JSON of it.
	Text bool `json:"text"`
}

// name is what can be imported, by language.
func name(language string) *regexp.Regexp {
	return map[string]*regexp.Regexp{
		"python": regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`),
		"nodejs": regexp.MustCompile(`^(node:)?(@[\w~-][\w.~-]*/)?[\w~-][\w.~-]*(/[\w~-][\w.~-]*)*$`),
		"ruby":   regexp.MustCompile(`^\w[\w.-]*(/\w[\w.-]*)*$`),
		"php":    regexp.MustCompile(`^\\?[A-Za-z_]\w*(\\[A-Za-z_]\w*)*$`),
	}[language]
}

// noun is what an import is in a language.
func noun(language string) string {
	return map[string]string{
		"python": "module", "nodejs": "package", "ruby": "file to require", "php": "class, function or extension",
	}[language]
}

// For returns a function that imports each of the names and returns a
// [Report]. Service is one of the catalogue's, "lambda", "fc2", "fc3" or
// "scf", and language one of its languages; the error wraps
// errors.ErrUnsupported where no function can be written for the two. With PHP
// the names are those of classes, functions or extensions.
//
// The code runs on Python 2.7, Node.js 8, Ruby 2.5 and PHP 5.6 or later.
func For(service, language string, imports []string) (Code, error) {
	handler, err := entry(service, language)
	if err != nil {
		return Code{}, err
	}
	valid := name(language)
	for _, one := range imports {
		if !valid.MatchString(one) {
			return Code{}, fmt.Errorf("import %q: not the name of a %s %s", one, language, noun(language))
		}
	}
	s := settings{Imports: append([]string{}, imports...), Text: service == "fc2" || service == "fc3"}
	text, err := json.Marshal(s)
	if err != nil {
		return Code{}, err
	}
	zip, err := pack(language, text)
	if err != nil {
		return Code{}, fmt.Errorf("packing a handler: %w", err)
	}
	return Code{Zip: zip, Handler: handler}, nil
}

// entry is the handler's name, as each vendor's first examples have it.
func entry(service, language string) (string, error) {
	languages := []string{"python", "nodejs"}
	handler := "index.handler"
	switch service {
	case "lambda":
		languages = append(languages, "ruby")
	case "fc2", "fc3":
		languages = append(languages, "php")
	case "scf":
		languages = append(languages, "php")
		handler = "index.main_handler"
	default:
		return "", fmt.Errorf("writing a function: no service %q (%w)", service, errors.ErrUnsupported)
	}
	if slices.Contains(languages, language) {
		return handler, nil
	}
	reason := "the service has no such runtime"
	switch language {
	case "java", "dotnet", "go":
		reason = "it would have to be compiled"
	case "custom":
		reason = "what it imports, and how, is up to the runtime in the layer"
	}
	return "", fmt.Errorf("no function can be written in %s for %s: %s (%w)", language, service, reason, errors.ErrUnsupported)
}
