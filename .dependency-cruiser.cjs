/** The architecture, as rules a machine checks: `npm run check` runs it (docs/architecture.md). */
const layer = (name, from, mayImport, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { path: '^src/', pathNot: `^src/(${[from, ...mayImport].join('|')})/` },
});
const only = (pkg, where) => ({
  name: `${pkg}-only-in-${where.replace('|', '-or-')}`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/(${where})(/|\\.ts)` },
  to: { path: `(^|node_modules/)${pkg}(/|$)` },
});
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    layer('domain-knows-nothing', 'domain', [], 'The nouns import nothing.'),
    layer('policy-is-pure', 'policy', ['domain'], 'Rules see facts, never the database.'),
    layer(
      'rewrite-is-pure',
      'rewrite',
      ['domain', 'mail'],
      'A copy is a function of the post, the list and the member.',
    ),
    layer('mail-is-bytes', 'mail', ['domain'], 'Formats, not sockets.'),
    layer('store-is-sql', 'store', ['domain'], 'Storage knows nouns, not verbs.'),
    layer(
      'operations-are-doorless',
      'operations',
      ['domain', 'policy', 'rewrite', 'mail', 'store'],
      'A verb does not know who asked.',
    ),
    layer(
      'receive-is-a-door',
      'receive',
      ['domain', 'mail', 'operations', 'config'],
      'Doors translate; they do not decide or query.',
    ),
    layer(
      'web-is-a-door',
      'web',
      ['domain', 'operations', 'config'],
      'Doors translate; they do not decide or query.',
    ),
    layer(
      'cli-is-a-door',
      'cli',
      ['domain', 'operations', 'config'],
      'Doors translate; they do not decide or query.',
    ),
    layer(
      'deliver-moves-mail',
      'deliver',
      ['domain', 'rewrite', 'mail', 'store', 'operations', 'config'],
      'The worker: claim, send, settle.',
    ),
    {
      name: 'pure-means-pure',
      severity: 'error',
      comment: 'No clock, files, sockets or randomness in the pure core.',
      from: { path: '^src/(domain|policy|rewrite)/' },
      to: { dependencyTypes: ['core', 'npm'] },
    },
    {
      name: 'nobody-imports-main',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/main\\.ts$' },
      to: { path: '^src/(main|program)\\.ts$' },
    },
    {
      name: 'src-never-imports-test',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/(main|.*-thread|.*\\.d)\\.ts$' },
      to: {},
    },
    {
      name: 'no-dev-deps-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
    only('better-sqlite3(-napi)?', 'store'),
    only('kysely', 'store'),
    only('pg', 'store'),
    only('hono', 'web'),
    only('smtp-server', 'receive'),
    only('mailparser', 'demo'),
    only('nodemailer', 'mail|deliver|demo'),
    only('commander', 'cli'),
    only('pino', 'program'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
