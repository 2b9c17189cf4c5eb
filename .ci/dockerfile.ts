/**
 * Carries out the Dockerfile's steps in plain folders, with the Node that runs this (24 in CI), because no Docker daemon runs where
 * we test: each stage is a folder, COPY and RUN happen in it; then the program is started as the image would start it, its
 * health check must pass, and SIGTERM must end it in good order. What only Docker does (USER, VOLUME) is looked for, not tried.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

interface Stage {
  readonly folder: string;
  workdir: string;
  readonly env: Record<string, string>;
}

const root = mkdtempSync(join(tmpdir(), 'listwright-image-'));
try {
  const instructions = readInstructions(readFileSync('Dockerfile', 'utf8'));
  const image = build(instructions);
  for (const needed of ['USER', 'VOLUME', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD'])
    settingOf(instructions, needed);
  await startAsImage(image, instructions);
} finally {
  rmSync(root, { recursive: true });
}

function readInstructions(text: string): readonly (readonly [name: string, value: string])[] {
  return text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .flatMap((line) => {
      const [, name, value] = /^([A-Z]+) (.*)$/.exec(line.trim()) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    });
}

function build(instructions: readonly (readonly [string, string])[]): Stage {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const [name, value] of instructions) {
    if (name === 'FROM') {
      const title = / AS (\S+)$/.exec(value)?.[1] ?? 'image';
      stage = { folder: join(root, title), workdir: '/', env: {} };
      stages.set(title, stage);
    } else if (stage) {
      carryOut(name, value, stage, stages);
    }
  }
  if (!stage) throw new Error('the Dockerfile has no FROM');
  return stage;
}

function carryOut(name: string, value: string, stage: Stage, stages: ReadonlyMap<string, Stage>): void {
  const here = () => join(stage.folder, stage.workdir);
  if (name === 'WORKDIR') {
    stage.workdir = value;
    mkdirSync(here(), { recursive: true });
  } else if (name === 'ENV') {
    const [key = '', setting = ''] = value.split(/=(.*)/s);
    stage.env[key] = setting;
  } else if (name === 'COPY') {
    const words = value.split(' ');
    const from = words[0]?.startsWith('--from=') ? stages.get(words.shift()?.slice(7) ?? '') : undefined;
    const to = words.pop() ?? '';
    for (const source of words) {
      const target = to.endsWith('/') ? join(here(), to, basename(source)) : join(here(), to);
      cpSync(from ? join(from.folder, source) : source, target, { recursive: true });
    }
  } else if (name === 'RUN') {
    execFileSync('sh', ['-c', value], {
      cwd: here(),
      env: { ...process.env, ...stage.env },
      stdio: 'inherit',
    });
  }
}

async function startAsImage(
  image: Stage,
  instructions: readonly (readonly [string, string])[],
): Promise<void> {
  const cwd = join(image.folder, image.workdir);
  const port = await freePort();
  const env = {
    ...process.env,
    ...Object.fromEntries(
      Object.entries(image.env).map(([name, value]) => [name, value.replace('/app', cwd)]),
    ),
    LISTWRIGHT_WEB__LISTEN: `127.0.0.1:${port}`,
    LISTWRIGHT_SMTP__LISTEN: '127.0.0.1:0',
    LISTWRIGHT_DELIVERY__TRANSPORT: 'capture',
  };
  const [program = '', ...args] = [
    ...JSON.parse(settingOf(instructions, 'ENTRYPOINT')),
    ...JSON.parse(settingOf(instructions, 'CMD')),
  ] as string[];
  const check = settingOf(instructions, 'HEALTHCHECK')
    .replace(/^.*? CMD /, '')
    .replace('8080', `${port}`);

  const server = spawn(program, args, { cwd, env, stdio: 'inherit' });
  const ended = once(server, 'exit');
  const healthy = () => trySilently(() => execFileSync('sh', ['-c', check], { cwd, env, stdio: 'ignore' }));
  for (let tries = 0; !healthy(); tries++) {
    if (tries === 40 || server.exitCode !== null) throw new Error('the health check does not pass');
    await wait(250);
  }
  if (!existsSync(join(cwd, 'data'))) throw new Error('the data is not in the volume');
  server.kill('SIGTERM');
  const [code] = await ended;
  if (code !== 0) throw new Error(`SIGTERM ended the server with status ${code}`);
}

function settingOf(instructions: readonly (readonly [string, string])[], name: string): string {
  const found = instructions.findLast(([each]) => each === name);
  if (!found) throw new Error(`the Dockerfile has no ${name}`);
  return found[1];
}

function trySilently(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
