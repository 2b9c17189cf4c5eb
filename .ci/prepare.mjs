// `npm ci` builds the program (package.json "prepare"). With --omit=dev the compiler is absent and the built files are expected to be there.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

if (existsSync('node_modules/typescript/bin/tsc')) {
  process.exitCode =
    spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { stdio: 'inherit' })
      .status ?? 1;
} else if (!existsSync('dist/src/main.js')) {
  console.error(
    'listwright: there is no compiler here and no built dist/. Build first: npm ci && npm run build.',
  );
}
