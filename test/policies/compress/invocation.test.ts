import { describe, expect, test } from "bun:test";
import { DEFAULT_FILTERS } from "../../../src/policies/compress/compress-body.ts";
import { invocationsOf } from "../../../src/policies/compress/invocation.ts";
import { commandOf, isShellName } from "../../../src/policies/compress/tool-call.ts";

/** Filters of the programs whose output is left; `read` for one that shows a file, `-` for one without a filter. */
function filtersOf(command: string): string[] {
  return invocationsOf(command).map((each) => (each.kind === "read" ? "read" : (DEFAULT_FILTERS.forCommand(each)?.id ?? "-")));
}

describe("the command decides", () => {
  test.each([
    ["git status", ["git-status"]],
    ["git -C /tmp/project -c color.ui=always diff --stat", ["git-diff"]],
    ["git --no-pager log -p -3", ["git-diff"]],
    ["git log --oneline", ["git-log"]],
    ["git commit -m 'diff status log'", ["-"]],
    ["git show HEAD:src/a.ts", ["read"]],
    ["cd web && npx jest --ci", ["test-jest"]],
    ["cd web; CI=1 NODE_ENV=test npx --yes jest 2>&1 | tail -50", ["test-jest"]],
    ["sudo -u dev docker logs -f web", ["docker-logs"]],
    ["docker compose -f a.yml logs web", ["docker-logs"]],
    ["timeout -k 5 60 nice -n 19 cargo +nightly test --all", ["test-cargo"]],
    ["env RUST_BACKTRACE=1 cargo test", ["test-cargo"]],
    ["python3.11 -m pytest -q", ["test-pytest"]],
    ["uv run --extra dev pytest", ["test-pytest"]],
    ["poetry run mypy .", ["mypy"]],
    ["bundle exec rubocop", ["rubocop"]],
    ["pnpm exec tsc --noEmit", ["build-typescript"]],
    ["bunx vitest run", ["test-vitest"]],
    ["./node_modules/.bin/eslint src", ["build-eslint"]],
    ["node node_modules/.bin/jest", ["test-jest"]],
    ["/usr/bin/git status", ["git-status"]],
    ['bash -lc "cd x && git diff"', ["git-diff"]],
    ["bash -lc 'sh -c \"git diff | cat\"'", ["git-diff"]],
    ["ssh -p 22 host 'docker ps'", ["docker-ps"]],
    ["docker exec -it -e A=1 web pytest", ["test-pytest"]],
    ["docker compose exec web pytest", ["test-pytest"]],
    ["kubectl exec -n shop web-1 -- ls -la", ["shell-ls"]],
    ["kubectl -n shop get pods", ["kubectl"]],
    ["kubectl get pods -o yaml | grep image", ["shell-grep"]],
    ["npm test | grep -v PASS", ["-"]],
    ["curl -s localhost | jq .", ["json-output"]],
    ["find . -name x | xargs grep -n total", ["shell-grep"]],
    ["git status && git diff && git log -3", ["git-status", "git-diff", "git-log"]],
    ["terraform -chdir=infra plan -out p", ["terraform-plan"]],
    ["cat a.txt", ["read"]],
    ["cat a.txt | grep x", ["shell-grep"]],
    ["sed -n '1,20p' a.txt", ["read"]],
    ["sed -i s/a/b/ a.txt && git diff", ["git-diff"]],
    ["git diff > out.patch", []],
    ["git diff 2>/dev/null", ["git-diff"]],
    ["git diff 2>&1 | tee log", ["git-diff"]],
    ["cat > a.txt <<'EOF'\ngit status\nEOF\ngit diff", ["git-diff"]],
    ["# git status\ngit diff", ["git-diff"]],
    ["echo 'git status'", []],
    ["for f in *; do wc -l $f; done", ["-"]],
    ["FOO=$(git status) ./run.sh", ["-"]],
    ["npm ci && npm run build", ["npm-install", "-"]],
    ["", []],
    ["'", []],
    ["$(", ["-"]],
  ] as const)("%s", (command, filters) => {
    expect(filtersOf(command)).toEqual([...filters]);
  });

  test("a command too long to be one decides nothing, and is not read", () => {
    expect(invocationsOf(`git status ${"a".repeat(20_000)}`)).toEqual([]);
  });

  test("shells in shells come to an end", () => {
    let command = "git status";
    for (let depth = 0; depth < 12; depth++) command = `bash -c '${command.replaceAll("'", "'\\''")}'`.slice(0, 16_000);
    expect(invocationsOf(command)).toEqual([]);
    expect(invocationsOf(`${"sudo ".repeat(2000)}git status`).length).toBeLessThan(2);
  });
});

describe("commandOf finds the command", () => {
  test.each([
    { name: "Bash", args: { command: "git status" }, command: "git status" },
    { name: "exec_command", args: { cmd: "git status", workdir: "/" }, command: "git status" },
    { name: "shell", args: { command: ["bash", "-lc", "git log -3 | cat"] }, command: "bash -lc 'git log -3 | cat'" },
    { name: "shell_call", args: { commands: ["git status", "git diff"] }, command: "git status\ngit diff" },
    { name: "terminal", args: { script: "git status" }, command: "git status" },
    { name: undefined, args: { command: "git status" }, command: "git status" },
    { name: "shell", args: "git status", command: "git status" },
    { name: "my_tool", args: { command: "git status -s" }, command: "git status -s" },
    { name: "str_replace_based_edit_tool", args: { command: "view", path: "/a" }, command: undefined },
    { name: "Read", args: { file_path: "/a" }, command: undefined },
    { name: "ask", args: { command: "status" }, command: undefined },
    { name: "Bash", args: null, command: undefined },
    { name: "Bash", args: { command: 7 }, command: undefined },
    { name: "Bash", args: JSON.parse('{"__proto__":{"command":"git status"}}'), command: undefined },
  ])("$name $args", ({ name, args, command }) => {
    expect(commandOf(name, args)).toBe(command);
  });

  test.each([
    ["Bash", true],
    ["run_terminal_cmd", true],
    ["container.exec", true],
    ["runCommand", true],
    ["mcp__box__shell", true],
    ["local_shell_call", true],
    ["Read", false],
    ["read_file", false],
    ["browser", false],
    ["crash_reports", false],
  ])("%s is a shell: %p", (name, is) => {
    expect(isShellName(name)).toBe(is);
  });
});
