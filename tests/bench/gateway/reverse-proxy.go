// A peer of the gateway in its benchmark: Go's own reverse proxy, which reads a body for its model and sends it on.
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
)

func main() {
	upstream, err := url.Parse(os.Args[2])
	if err != nil {
		panic(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(upstream)
	proxy.FlushInterval = -1
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 512}
	handler := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var fields struct{ Model string }
		if err == nil {
			err = json.Unmarshal(body, &fields)
		}
		if err != nil || fields.Model == "" {
			http.Error(w, "no model", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}
	panic(http.ListenAndServe(os.Args[1], http.HandlerFunc(handler)))
}
