/** Checks the walls of .dependency-cruiser.cjs: says which file breaks which, and nothing when none is broken. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const { stdout, stderr } = spawnSync(
  process.execPath,
  [
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
    'src',
    'migrations',
  ],
  { encoding: 'utf8', maxBuffer: 256 * 2 ** 20 },
);

interface Report {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: { readonly violations: readonly Violation[] };
}
interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string; readonly severity: string };
  readonly cycle?: readonly { readonly name: string }[];
}

if (stdout === '') throw new Error(`dependency-cruiser did not run: ${stderr}`);
const { modules, summary } = JSON.parse(stdout) as Report;

const complaints = summary.violations.map(
  ({ from, to, rule, cycle }) =>
    `${from}: ${rule.name}: ${cycle ? [from, ...cycle.map(({ name }) => name)].join(' → ') : to}`,
);
// A file that was not looked at breaks no rule: a compiler this tool cannot use would make everything look well.
const cruised = new Set(modules.map(({ source }) => source));
for (const file of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
  if (/\.tsx?$/.test(file) && !cruised.has(`src/${file}`)) complaints.push(`src/${file}: was not looked at`);
}

for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length > 0 ? 1 : 0;
