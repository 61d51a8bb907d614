import type { Filter } from "../filter.ts";
import { aws } from "./aws.ts";
import { biome } from "./biome.ts";
import { buildEslint } from "./build-eslint.ts";
import { buildTypescript } from "./build-typescript.ts";
import { buildVite } from "./build-vite.ts";
import { buildWebpack } from "./build-webpack.ts";
import { bundleInstall } from "./bundle-install.ts";
import { curl } from "./curl.ts";
import { df } from "./df.ts";
import { dockerBuild } from "./docker-build.ts";
import { dockerLogs } from "./docker-logs.ts";
import { dockerPs } from "./docker-ps.ts";
import { du } from "./du.ts";
import { errorStacktrace } from "./error-stacktrace.ts";
import { gcloud } from "./gcloud.ts";
import { genericOutput } from "./generic-output.ts";
import { gh } from "./gh.ts";
import { gitBranch } from "./git-branch.ts";
import { gitDiff } from "./git-diff.ts";
import { gitLog } from "./git-log.ts";
import { gitStatus } from "./git-status.ts";
import { golangciLint } from "./golangci-lint.ts";
import { jsonOutput } from "./json-output.ts";
import { kubectl } from "./kubectl.ts";
import { make } from "./make.ts";
import { mypy } from "./mypy.ts";
import { npmAudit } from "./npm-audit.ts";
import { npmInstall } from "./npm-install.ts";
import { nx } from "./nx.ts";
import { pip } from "./pip.ts";
import { playwright } from "./playwright.ts";
import { poetryInstall } from "./poetry-install.ts";
import { prettier } from "./prettier.ts";
import { ps } from "./ps.ts";
import { rsync } from "./rsync.ts";
import { rubocop } from "./rubocop.ts";
import { ruff } from "./ruff.ts";
import { shellFind } from "./shell-find.ts";
import { shellGrep } from "./shell-grep.ts";
import { shellLs } from "./shell-ls.ts";
import { ssh } from "./ssh.ts";
import { systemctlStatus } from "./systemctl-status.ts";
import { terraformPlan } from "./terraform-plan.ts";
import { testCargo } from "./test-cargo.ts";
import { testGo } from "./test-go.ts";
import { testJest } from "./test-jest.ts";
import { testPytest } from "./test-pytest.ts";
import { testVitest } from "./test-vitest.ts";
import { tofuPlan } from "./tofu-plan.ts";
import { turbo } from "./turbo.ts";
import { uvSync } from "./uv-sync.ts";
import { wget } from "./wget.ts";

/** All filters that come with Omni, in order of preference. The last two are for what no other knows. */
export const FILTERS: readonly Filter[] = [
  gitStatus,
  gitBranch,
  gitDiff,
  gitLog,
  testVitest,
  testJest,
  testPytest,
  testCargo,
  testGo,
  playwright,
  buildTypescript,
  buildEslint,
  buildWebpack,
  buildVite,
  golangciLint,
  mypy,
  ruff,
  biome,
  prettier,
  make,
  nx,
  turbo,
  rubocop,
  npmAudit,
  pip,
  poetryInstall,
  uvSync,
  bundleInstall,
  npmInstall,
  terraformPlan,
  tofuPlan,
  systemctlStatus,
  dockerLogs,
  dockerPs,
  dockerBuild,
  aws,
  gcloud,
  ssh,
  rsync,
  curl,
  wget,
  shellGrep,
  shellFind,
  shellLs,
  ps,
  df,
  du,
  jsonOutput,
  gh,
  kubectl,
  errorStacktrace,
  genericOutput,
];
