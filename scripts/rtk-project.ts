/** The files of the small projects on which tools are run to record their output, by path. Some are broken on purpose. */
export const PROJECT_FILES: Readonly<Record<string, string>> = {
  "web/package.json": JSON.stringify(
    {
      name: "web",
      version: "1.0.0",
      private: true,
      packageManager: "npm@10.0.0",
      scripts: { test: "jest", lint: "eslint src", build: "vite build" },
    },
    null,
    2,
  ),
  "web/tsconfig.json": JSON.stringify(
    { compilerOptions: { strict: true, noEmit: true, target: "es2022", module: "esnext", moduleResolution: "bundler" }, include: ["src"] },
    null,
    2,
  ),
  "web/src/cart.ts": `export interface Item {
  name: string;
  price: number;
  count: number;
}

export function total(items: Item[]): number {
  return items.reduce((sum, item) => sum + item.price * item.count, 0);
}

export function label(item: Item): number {
  return item.name;
}

export const empty: Item = { name: "none", price: "0" };
`,
  "web/src/user.ts": `import { total } from "./cart";
import { missing } from "./nowhere";

export function greet(user: { name?: string }): string {
  const unused = 1;
  return "Hello " + user.name.toUpperCase() + total([]);
}

var old = missing;
`,
  "web/eslint.config.js": `module.exports = [
  { files: ["src/**/*.js", "src/**/*.vue"], rules: { "no-unused-vars": "error", "no-var": "warn", eqeqeq: "error", semi: "warn", "no-undef": "error" } },
];
`,
  "web/src/legacy.js": `var name = "x"
function check(value) {
  if (value == null) return undefinedThing
  const unused = 2
  return value
}
var other = "y"
`,
  "web/src/widget.js": `var a = 1
var b = 2
export function widget() { return missingGlobal }
`,
  "web/src/clean.js": "export const answer = 42;\n",
  "web/jest-tests/price.test.js": `const total = (items) => items.reduce((sum, item) => sum + item.price, 0);
describe("total", () => {
${Array.from({ length: 30 }, (_, index) => `  test("adds up a cart with ${index} items", () => {\n    expect(total(Array(${index}).fill({ price: 2 }))).toBe(${index * 2});\n  });`).join("\n")}
});
`,
  "web/jest-tests/broken.test.js": `const total = (items) => items.reduce((sum, item) => sum + item.price, 0);
test("applies the discount", () => {
  const cart = [{ price: 10 }, { price: 20 }];
  expect(total(cart)).toBe(27);
});
test("throws on a bad item", () => {
  expect(total([null])).toBe(0);
});
test.skip("later", () => {});
`,
  "web/jest-tests/module.test.js": `const cart = require("./no-such-cart");
test("loads", () => expect(cart).toBeDefined());
`,
  "web/vitest-tests/price.test.ts": `import { describe, expect, test } from "vitest";
describe("total", () => {
${Array.from({ length: 40 }, (_, index) => `  test("adds up a cart with ${index} items", () => expect(${index} * 2).toBe(${index * 2}));`).join("\n")}
});
`,
  "web/vitest-tests/broken.test.ts": `import { expect, test } from "vitest";
test("makes a receipt", () => {
  console.log("printing receipt");
  expect({ total: 30, currency: "EUR", lines: 2 }).toEqual({ total: 27, currency: "EUR", lines: 2 });
});
test("rounds", () => {
  expect(1.005).toBeCloseTo(1.2);
});
`,
  "web/playwright.config.js": `module.exports = { testDir: "./e2e", retries: 0, workers: 1, reporter: "list" };\n`,
  "web/e2e/pass.spec.js": `const { test, expect } = require("@playwright/test");
${Array.from({ length: 25 }, (_, index) => `test("shows page ${index} of the catalogue", async () => { expect(${index}).toBe(${index}); });`).join("\n")}
`,
  "web/e2e/fail.spec.js": `const { test, expect } = require("@playwright/test");
test("signs the user in", async () => {
  expect("/login").toBe("/home");
});
`,
  "web/index.html": `<!doctype html><html><body><script type="module" src="/src/main.js"></script></body></html>\n`,
  "web/src/main.js": Array.from({ length: 12 }, (_, index) => `import("./pages/page${index}.js").then((page) => page.show());`).join("\n"),
  ...Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [
      `web/src/pages/page${index}.js`,
      `export function show() {\n  document.title = "page ${index}";\n}\n`,
    ]),
  ),
  "web/src/bad-main.js": `import { gone } from "./gone.js";\nconsole.log(gone);\n`,
  "web/vite.bad.config.js": `export default { build: { rollupOptions: { input: "src/bad-main.js" } } };\n`,
  "web/webpack.config.js": `module.exports = { mode: "development", entry: "./src/main.js", stats: "normal" };\n`,
  "web/turbo.json": JSON.stringify({ $schema: "https://turbo.build/schema.json", tasks: { build: {}, test: {} } }, null, 2),
  "mono/package.json": JSON.stringify({ name: "mono", private: true, packageManager: "npm@10.0.0", workspaces: ["packages/*"] }, null, 2),
  "mono/turbo.json": JSON.stringify({ $schema: "https://turbo.build/schema.json", tasks: { build: {}, test: {} } }, null, 2),
  "mono/nx.json": JSON.stringify({ targetDefaults: { build: { cache: true } }, analytics: false }, null, 2),
  ...Object.fromEntries(
    ["api", "cart", "mail", "store", "ui"].map((name) => [
      `mono/packages/${name}/package.json`,
      JSON.stringify(
        {
          name: `@shop/${name}`,
          version: "1.0.0",
          scripts: {
            build: `echo compiling ${name} && echo ${name} is built`,
            test: name === "mail" ? "echo 'Error: smtp is not set' && exit 1" : "echo ok",
          },
        },
        null,
        2,
      ),
    ]),
  ),
  "py/shop/__init__.py": "",
  "py/shop/cart.py": `import os
import sys


def total(items: list[int]) -> int:
    return sum(items)


def label(count: int) -> str:
    return count


def discount(price: float, rate: str) -> float:
    return price * rate
`,
  "py/test_pass.py": `import pytest
from shop.cart import total


@pytest.mark.parametrize("count", range(60))
def test_total(count):
    assert total([1] * count) == count
`,
  "py/test_fail.py": `from shop.cart import total


def test_discount():
    cart = {"total": 30, "currency": "EUR"}
    expected = {"total": 27, "currency": "EUR"}
    assert cart == expected


def test_divides():
    print("dividing")
    assert total([1]) / 0 == 1
`,
  "py/test_import.py": "import no_such_module\n",
  "py/boom.py": `import json


def load(text):
    return json.loads(text)


for step in range(80):
    print(f"step {step}: loading part {step}")
load("{bad")
`,
  "rs/Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n',
  "rs/src/lib.rs": `pub fn total(items: &[u32]) -> u32 {
    items.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
${Array.from({ length: 40 }, (_, index) => `    #[test]\n    fn adds_up_${index}_items() {\n        assert_eq!(total(&[1; ${index}]), ${index});\n    }`).join("\n")}
    #[test]
    fn applies_discount() {
        if std::env::var("BREAK").is_ok() {
            assert_eq!(total(&[10, 20]), 27, "ten per cent off");
        }
    }
}
`,
  "rs-bad/Cargo.toml": '[package]\nname = "shop-bad"\nversion = "0.1.0"\nedition = "2021"\n',
  "rs-bad/src/lib.rs": `pub fn label(count: u32) -> String {
    let unused = 1;
    count
}

pub fn twice(text: String) -> String {
    let moved = text;
    format!("{text}{moved}")
}
`,
  "go/go.mod": "module example.com/shop\n\ngo 1.21\n",
  "go/cart/cart.go":
    "package cart\n\nfunc Total(items []int) int {\n\tsum := 0\n\tfor _, item := range items {\n\t\tsum += item\n\t}\n\treturn sum\n}\n",
  "go/cart/cart_test.go": `package cart

import (
	"fmt"
	"os"
	"testing"
)

func TestTotal(t *testing.T) {
	for count := 0; count < 40; count++ {
		t.Run(fmt.Sprintf("%d_items", count), func(t *testing.T) {
			if Total(make([]int, count)) != 0 {
				t.Fatal("not zero")
			}
		})
	}
}

func TestDiscount(t *testing.T) {
	if os.Getenv("BREAK") != "" {
		t.Errorf("Total() = %d, want %d", Total([]int{10, 20}), 27)
	}
}

func TestPanics(t *testing.T) {
	if os.Getenv("BREAK") == "panic" {
		var items []int
		_ = items[3]
	}
}
`,
  "go/broken/broken.go": 'package broken\n\nimport "os"\n\nfunc Label(count int) string {\n\treturn count + foo\n}\n',
  "go/broken/broken_test.go": 'package broken\n\nimport "testing"\n\nfunc TestLabel(t *testing.T) { Label(1) }\n',
  "infra/main.tf": `variable "names" {
  default = ["a", "b", "c", "d", "e", "f"]
}
resource "terraform_data" "server" {
  for_each = toset(var.names)
  input = { name = each.key, size = "small", zone = "eu-1", tags = { team = "shop", stage = "test" } }
}
`,
  "infra-bad/main.tf": 'resource "terraform_data" "server" {\n  input = var.undeclared\n}\n',
  "c/Makefile": `OBJECTS = $(patsubst %,obj/%.o,a b c d e f g h i j k l)
all: sub app
sub:
	$(MAKE) -C lib
app: $(OBJECTS)
	$(CC) -o app $(OBJECTS) main.c
obj/%.o: main.c
	@mkdir -p obj
	$(CC) -O2 -Wall -Wextra -std=c11 -I./include -I/usr/include -DVERSION=1 -DNDEBUG -fPIC -x c -c lib/part.c -o $@
broken:
	$(CC) -Wall -c broken.c -o broken.o
`,
  "c/lib/Makefile": "all:\n\t@echo library is up to date\n",
  "c/lib/part.c": "int part(void);\n",
  "c/main.c": "int main(void) { return 0; }\n",
  "c/broken.c": '#include <stdio.h>\nint main(void) {\n  int unused;\n  printf("%d\\n", undeclared);\n  return "text";\n}\n',
  "rb/a.rb":
    'class Cart\n  def total(items)\n    x = 1\n    items.map{|item| item.price }.inject(:+)\n  end\n  def label() ; return "cart" ; end\nend\n',
};
