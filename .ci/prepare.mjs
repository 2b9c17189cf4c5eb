// `npm ci` builds the program (package.json "prepare"). With --omit=dev the compiler is absent and the built files are expected to be there.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const compiler = 'node_modules/typescript/bin/tsc';
const built = existsSync('dist/src/main.js');
// `npx listwright` in this folder installs the folder into npx's cache first, which is no reason to compile again.
const forNpx = process.env.npm_command === 'exec';

if (existsSync(compiler) && !(built && forNpx)) {
  process.exitCode = spawnSync(process.execPath, [compiler, '-p', '.'], { stdio: 'inherit' }).status ?? 1;
} else if (!built) {
  console.error(
    'listwright: there is no compiler here and no built dist/. Build first: npm ci && npm run build.',
  );
}
