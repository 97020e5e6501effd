put go.mod <<< 'module example.com/page'
put page/render.go <<'END'
package page

func Render(title, body string) string {
	head := "<h1>" + title + "</h1>"
	return head + "<p>" + body + "</p>"
}
END
put page/render_test.go <<'END'
package page

import "testing"

func TestRender(t *testing.T) {
	if Render("a", "b") == "" {
		t.Fatal("empty")
	}
}
END
builds
base
put page/render.go <<'END'
package page

func Render(title, body string) string {
	return head(title) + "<p>" + body + "</p>"
}

func head(title string) string {
	return "<h1>" + title + "</h1>"
}
END
