#!/usr/bin/env node
// The program's bin. It only looks at Node's version, in words every Node understands, before anything newer is loaded.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19) || major === 21 || (major === 22 && minor < 14)) {
  console.error(
    `listwright: this is Node ${process.versions.node}; it needs 20.19 or later, 22.14 or later, or 24.\n` +
      'Install one of them (https://nodejs.org, or your system’s packages) and run the command again.',
  );
  process.exitCode = 1;
} else {
  await import('./program.ts');
}
