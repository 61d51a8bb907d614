// Records the output of real tools for the filters: `bun scripts/record-rtk-samples.ts --tools FOLDER [--only FILTER]`. FOLDER has a
// node_modules and a Python environment `py`, both with the tools; see TOOLS. A tool that is not there is told and left out.
// Everything runs in /tmp/project, so that no path of the machine is recorded; names of users and hosts are replaced.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { PROJECT_FILES } from "./rtk-project.ts";

const PROJECT = "/tmp/project";
const SAMPLES = join(import.meta.dir, "..", "test", "policies", "compress", "samples");

const TOOLS = `npm install typescript eslint jest vitest prettier @biomejs/biome webpack webpack-cli vite turbo nx @playwright/test
python3 -m venv py && py/bin/pip install pytest ruff mypy uv poetry
apt-get install ripgrep rsync silversearcher-ag ruby-bundler rubocop`;

/** Filter, name of the sample, folder, command. Order matters: later ones see what earlier ones did. */
const RECORDINGS: readonly (readonly [filter: string, name: string, folder: string, command: string])[] = [
  ["git-log", "full", "repo", "git log"],
  ["git-log", "oneline", "repo", "git log --oneline"],
  ["git-diff", "lockfile", "repo", "git show HEAD~1"],
  ["git-diff", "changes", "repo", "git diff"],
  ["git-diff", "rename", "repo", "git show HEAD"],
  ["git-diff", "stat", "repo", "git diff --stat HEAD~5"],
  ["git-status", "changed", "repo", "git status"],
  ["git-status", "short", "repo", "git status --short --branch"],
  ["git-branch", "many", "repo", "git branch -a"],
  ["git-branch", "behind", "clone", "git checkout topic-1 && git checkout main"],
  ["git-branch", "refused", "repo", "git checkout main"],
  ["git-status", "conflict", "clone", "git merge -q conflicting; git status"],
  ["git-status", "clean", "other", "git status"],
  ["build-typescript", "failure", "web", "tsc --noEmit"],
  ["build-typescript", "pretty", "web", "tsc --noEmit --pretty"],
  ["build-eslint", "failure", "web", "eslint src"],
  ["test-jest", "success", "web", "jest --verbose jest-tests/price"],
  ["test-jest", "failure", "web", "jest jest-tests --verbose"],
  ["test-jest", "module", "web", "jest jest-tests/module"],
  ["test-vitest", "success", "web", "vitest run --reporter verbose vitest-tests/price"],
  ["test-vitest", "failure", "web", "vitest run vitest-tests"],
  ["test-vitest", "verbose", "web", "vitest run --reporter verbose vitest-tests"],
  ["playwright", "failure", "web", "playwright test"],
  ["playwright", "success", "web", "playwright test pass"],
  ["prettier", "failure", "web", "prettier --check src jest-tests vitest-tests e2e"],
  ["prettier", "write", "web", "prettier --write --list-different=false src/pages"],
  ["biome", "failure", "web", "biome lint src"],
  ["build-webpack", "success", "web", "webpack"],
  ["build-webpack", "failure", "web", "webpack --entry ./src/bad-main.js"],
  ["build-vite", "success", "web", "vite build"],
  ["build-vite", "failure", "web", "vite build -c vite.bad.config.js"],
  ["turbo", "success", "mono", "turbo run build"],
  ["turbo", "cached", "mono", "turbo run build"],
  ["turbo", "failure", "mono", "turbo run test"],
  ["nx", "success", "mono", "nx run-many -t build"],
  ["nx", "failure", "mono", "nx run-many -t test"],
  ["test-pytest", "success", "py", "pytest -v test_pass.py"],
  ["test-pytest", "failure", "py", "pytest test_fail.py test_pass.py -v"],
  ["test-pytest", "import", "py", "pytest"],
  ["mypy", "failure", "py", "mypy shop test_import.py"],
  ["ruff", "failure", "py", "ruff check"],
  ["ruff", "concise", "py", "ruff check --output-format concise"],
  ["error-stacktrace", "python", "py", "python3 boom.py"],
  ["pip", "success", "py", "python3 -m venv /tmp/project/venv && /tmp/project/venv/bin/pip install flask"],
  ["pip", "satisfied", "py", "/tmp/project/venv/bin/pip install flask"],
  ["pip", "failure", "py", "/tmp/project/venv/bin/pip install 'flask==99.1'"],
  ["uv-sync", "success", "uvp", "uv init -q --name uvp . && uv add -q flask && rm -rf .venv && uv sync"],
  ["uv-sync", "failure", "uvp", "uv pip install 'flask==99.1'"],
  ["poetry-install", "success", "poetryp", "poetry init -q -n --name shop --dependency flask && poetry install --no-root"],
  ["bundle-install", "failure", "rb", "bundle install"],
  ["rubocop", "failure", "rb", "rubocop a.rb"],
  ["test-cargo", "success", "rs", "cargo test"],
  ["test-cargo", "failure", "rs", "BREAK=1 cargo test"],
  ["test-cargo", "compile", "rs-bad", "cargo test"],
  ["test-go", "success", "go", "go test -v ./cart"],
  ["test-go", "failure", "go", "BREAK=1 go test -v ./cart"],
  ["test-go", "panic", "go", "BREAK=panic go test ./cart"],
  ["test-go", "build", "go", "go test ./..."],
  ["terraform-plan", "success", "infra", "terraform init -no-color > /dev/null && terraform plan -no-color"],
  ["terraform-plan", "failure", "infra-bad", "terraform plan -no-color"],
  ["make", "success", "c", "make all"],
  ["make", "failure", "c", "make broken"],
  ["npm-install", "success", "npmp", "npm install express@4 request eslint@8 glob@7"],
  ["npm-install", "failure", "npmp", "npm install react@18 react-dom@17"],
  ["npm-audit", "failure", "npmp", "npm audit"],
  ["shell-ls", "long", "web", "ls -la node_modules"],
  ["shell-ls", "missing", "web", "ls -la src/pages no-such-folder"],
  ["shell-find", "many", "repo", "find . -type f"],
  ["shell-grep", "many", "repo", "grep -rn value src"],
  ["shell-grep", "context", "web", "grep -rn -C 2 'expect(total' jest-tests vitest-tests"],
  ["shell-grep", "ripgrep", "repo", "rg -n 'value_1[0-9]' src"],
  ["ps", "aux", "web", "ps aux"],
  ["df", "human", "web", "df -h | grep -E '^(Filesystem|/dev|tmpfs|devtmpfs)'"],
  ["du", "depth", "web", "du -h --max-depth 2 node_modules/eslint node_modules/typescript"],
  ["rsync", "verbose", "repo", "rsync -av src docs /tmp/project/copy/"],
  ["rsync", "failure", "web", "rsync -av no-such-folder /tmp/project/copy/"],
  ["curl", "progress", "web", "curl -o page.html http://localhost:PORT/page"],
  ["curl", "headers", "web", "curl -i http://localhost:PORT/page"],
  ["curl", "verbose", "web", "curl -v http://localhost:PORT/missing"],
  ["curl", "refused", "web", "curl http://localhost:1/"],
  ["wget", "success", "web", "wget --progress=dot -O big.bin http://localhost:PORT/big"],
  ["wget", "failure", "web", "wget http://localhost:PORT/missing"],
  ["ssh", "refused", "web", "ssh -v -p 1 -o BatchMode=yes dev@localhost"],
  ["json-output", "jq", "repo", "jq . package-lock.json"],
  ["aws", "failure", "web", "aws s3 ls --endpoint-url http://localhost:1 --region eu-west-1 --no-sign-request"],
  ["docker-ps", "no-daemon", "web", "docker ps"],
  ["kubectl", "no-server", "web", "kubectl get pods --server http://localhost:1"],
  ["generic-output", "long", "py", "python3 -c \"[print('part', i, 'is', i * 7 % 13) for i in range(900)]\""],
];

const { values } = parseArgs({ options: { tools: { type: "string" }, only: { type: "string" } } });
if (values.tools === undefined) {
  console.error(`Give a folder of tools with --tools. To fill one:\n${TOOLS}`);
  process.exit(64);
}
const tools = values.tools;
const server = serve();

/** What curl and wget talk to. */
function serve(): Bun.Server<undefined> {
  const page = `<!doctype html>\n<html>\n${Array.from({ length: 40 }, (_, index) => `<p>Paragraph ${index} of the page</p>`).join("\n")}\n</html>\n`;
  return Bun.serve({
    port: 0,
    hostname: "localhost",
    fetch: (request) => {
      if (request.url.endsWith("/page"))
        return new Response(page, { headers: { "content-type": "text/html", date: "Thu, 01 Jan 2026 00:00:00 GMT" } });
      if (request.url.endsWith("/big")) return new Response(new Uint8Array(4_000_000));
      return new Response('{"error":"no such page"}', { status: 404 });
    },
  });
}

async function build(): Promise<void> {
  rmSync(PROJECT, { recursive: true, force: true });
  for (const [path, text] of Object.entries(PROJECT_FILES)) {
    const file = join(PROJECT, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  for (const folder of ["home", "uvp", "poetryp", "npmp", "copy"]) mkdirSync(join(PROJECT, folder), { recursive: true });
  for (const folder of ["web", "mono"]) {
    const result = Bun.spawnSync(["cp", "-al", join(tools, "node_modules"), join(PROJECT, folder, "node_modules")]);
    if (!result.success)
      cpSync(join(tools, "node_modules"), join(PROJECT, folder, "node_modules"), { recursive: true, verbatimSymlinks: true });
  }
  await run("mono", "npm install --offline --ignore-scripts --no-audit --no-fund --package-lock-only");
  await run(".", REPOSITORY);
}

/** A repository with a history, a lock file, a rename, changes and a conflict. */
const REPOSITORY = `
git config --global user.name Dev; git config --global user.email dev@example.com; git config --global init.defaultBranch main
mkdir repo && cd repo && git init -q && mkdir src docs
for i in $(seq 1 30); do
  for j in $(seq 1 40); do echo "export const value_$j = $((i * j));"; done > src/part$i.ts
  git add -A && git commit -q -m "Add part $i of the shop" -m "It holds the values that page $i needs, and what follows from them."
done
for i in $(seq 1 25); do git branch topic-$i; done
git checkout -q -b conflicting && sed -i 's/value_3 .*/value_3 = 999;/' src/part1.ts && git commit -qam "Change three" && git checkout -q main
sed -i 's/value_3 .*/value_3 = 111;/' src/part1.ts && git commit -qam "Change three otherwise"
cd .. && git clone -q repo clone && cd clone && git branch -q conflicting origin/conflicting && cd ../repo
(echo '{ "lockfileVersion": 3, "packages": {'; for i in $(seq 1 150); do
  printf '    "node_modules/package-%d": {\\n      "version": "1.0.%d",\\n      "resolved": "https://registry.example/package-%d/-/package-%d-1.0.%d.tgz",\\n      "license": "MIT"\\n    },\\n' $i $i $i $i $i; done; echo '    "node_modules/last": {} } }') > package-lock.json
echo '{ "dependencies": { "package-1": "^1.0.0" } }' > package.json
git add -A && git commit -q -m "Lock the dependencies"
git mv src/part2.ts src/second.ts && sed -i 's/value_7 .*/value_7 = 77;/' src/second.ts && git commit -qam "Rename the second part"
cd .. && git clone -q repo other && cd repo
for i in $(seq 3 9); do sed -i "s/value_20 .*/value_20 = compute($i);/; s/value_21 .*/value_21 = compute($i + 1);/" src/part$i.ts; done
for i in $(seq 1 30); do echo note > docs/note$i.md; done; git rm -q src/part30.ts; echo x > new.ts; git add new.ts; printf '\\000\\001' > logo.bin; git add -N logo.bin
`;

function environment(): Record<string, string> {
  const paths = [join(PROJECT, "web/node_modules/.bin"), join(tools, "py/bin"), process.env["PATH"] ?? ""];
  return {
    PATH: paths.join(":"),
    HOME: join(PROJECT, "home"),
    CARGO_HOME: process.env["CARGO_HOME"] ?? join(process.env["HOME"] ?? "", ".cargo"),
    RUSTUP_HOME: process.env["RUSTUP_HOME"] ?? join(process.env["HOME"] ?? "", ".rustup"),
    ...(process.env["PYENV_ROOT"] === undefined ? {} : { PYENV_ROOT: process.env["PYENV_ROOT"] }),
    USER: "dev",
    LANG: "C.UTF-8",
    CI: "1",
    NX_DAEMON: "false",
    NX_NO_CLOUD: "true",
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
    GIT_AUTHOR_DATE: "2026-01-01T12:00:00Z",
    GIT_COMMITTER_DATE: "2026-01-01T12:00:00Z",
    CHECKPOINT_DISABLE: "1",
    GOFLAGS: "-mod=mod",
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

async function run(folder: string, command: string): Promise<string> {
  // Processes of their own, so that `ps` shows none of the machine's.
  const line = ["unshare", "--pid", "--fork", "--mount-proc", "timeout", "120", "bash", "-c", `exec 2>&1\n${command}`];
  // Not the synchronous kind: our own server has to answer meanwhile.
  const child = Bun.spawn(line, { cwd: join(PROJECT, folder), env: environment(), stdout: "pipe", stderr: "inherit", stdin: "ignore" });
  return new Response(child.stdout).text();
}

async function record(filter: string, name: string, folder: string, command: string): Promise<void> {
  mkdirSync(join(PROJECT, folder), { recursive: true });
  const output = scrub(await run(folder, command.replaceAll("PORT", String(server.port))));
  if (/^bash: line \d+: \S+: command not found/.test(output) || output === "") {
    console.log(`left out: ${filter}/${name}: ${output.slice(0, 90)}`);
    return;
  }
  const file = join(SAMPLES, filter, `${name}.txt`);
  if (!existsSync(dirname(file))) mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, output);
  console.log(`${filter}/${name}: ${output.length} characters`);
}

/** Takes out what belongs to this machine. */
function scrub(output: string): string {
  const { hostname = "" } = { hostname: Bun.spawnSync(["hostname"]).stdout.toString().trim() };
  return output
    .replaceAll(tools, "/tmp/project/tools")
    .replaceAll(process.env["HOME"] ?? "/root", "/home/dev")
    .replaceAll(hostname === "" ? "no-host" : hostname, "devbox")
    .replaceAll(String(server.port), "8080")
    .replaceAll(/\broot(\s+)root\b/g, "dev $1dev")
    .replaceAll(/^root\b/gm, "dev ")
    .replaceAll(
      /https?:\/\/(?!localhost|[\w.-]*(?:github|python|nodejs|rust-lang|eslint|turbo|nx|vite|webpack|jestjs|playwright|biomejs|terraform|example)\b)[\w.-]+(?::\d+)?/g,
      "https://registry.example",
    );
}

await build();
for (const [filter, name, folder, command] of RECORDINGS) {
  if (values.only !== undefined && !values.only.split(",").includes(filter)) continue;
  await record(filter, name, folder, command);
}
server.stop(true);
