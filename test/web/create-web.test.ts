import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { silentLog } from '../../src/domain/log.ts';
import { createWeb } from '../../src/web/create-web.ts';
import type { Health, WebDoor } from '../../src/web/door.ts';
import { createDesk } from '../support/desk.ts';
import { eachStore } from '../support/stores.ts';
import { startSite } from './site.ts';

eachStore('health is told in JSON, with the status that a load balancer reads', async (store) => {
  const answers: readonly (readonly [() => Promise<Health>, number, object])[] = [
    [async () => ({ ok: true, queued: 3 }), 200, { ok: true, queued: 3 }],
    [async () => ({ ok: false }), 503, { ok: false }],
    [() => Promise.reject(new Error('no database at postgres://user:password@host')), 503, { ok: false }],
  ];
  for (const [health, status, body] of answers) {
    const site = await startSite(store, { door: { health } });
    const answer = await site.ask('/healthz');
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.text)).toEqual(body);
  }
});

eachStore('an address that is taken is named', async (store) => {
  const site = await startSite(store);
  const listen = `127.0.0.1:${site.port}`;
  await expect(start(listen)).rejects.toThrow(`cannot show pages on ${listen}: `);
  await expect(start('unix:/tmp/x')).rejects.toThrow('it is not host:port');

  function start(listen: string) {
    const { perform, keys } = createDesk(store);
    const door: WebDoor = { perform, keys, log: silentLog, now: () => 0, health: async () => ({ ok: true }) };
    return createWeb({ listen, baseUrl: 'http://127.0.0.1', trustedProxies: [] }, door);
  }
});

eachStore('closing waits for the answer under way and takes nothing new', async (store) => {
  const { perform, keys } = createDesk(store);
  let finish: (health: Health) => void = () => {};
  const doing = new EventEmitter();
  const asked = once(doing, 'asked');
  const health = () => {
    doing.emit('asked');
    return new Promise<Health>((resolve) => {
      finish = resolve;
    });
  };
  const door: WebDoor = { perform, keys, log: silentLog, now: () => 0, health };
  const web = await createWeb(
    { listen: '127.0.0.1:0', baseUrl: 'http://127.0.0.1', trustedProxies: [] },
    door,
  );
  const { port } = web.address;
  const idle = connect(port, '127.0.0.1');
  await once(idle, 'connect');
  const busy = connect(port, '127.0.0.1');
  busy.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  const answer = text(busy);
  await asked;
  const closed = web.close();
  await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
  finish({ ok: true });
  expect(await answer).toContain('{"ok":true}');
  await closed;
  await web.close();
  idle.destroy();
});

eachStore('what HTTP allows and no page can be asked with is answered plainly', async (store) => {
  const site = await startSite(store);
  const requests: readonly (readonly [string, RegExp])[] = [
    ['GET / HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 200 /],
    ['GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['GET http://lists.example.org/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 200 /],
    ['OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['nonsense\r\n\r\n', /^HTTP\/1\.1 400 /],
  ];
  for (const [asked, answered] of requests) {
    const socket = connect(site.port, '127.0.0.1');
    socket.write(asked);
    expect(await text(socket)).toMatch(answered);
  }
  expect(site.errors).toEqual([]);
});
