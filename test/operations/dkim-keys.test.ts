import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { createKeyring } from '../../src/deliver/keyring.ts';
import type { KeyAlgorithm, PublishedKey } from '../../src/domain/dkim-key.ts';
import { activateDkimKey } from '../../src/operations/keys/activate-dkim-key.ts';
import { addDkimKey } from '../../src/operations/keys/add-dkim-key.ts';
import { ensureDkimKeys } from '../../src/operations/keys/ensure-dkim-keys.ts';
import { listDkimKeys } from '../../src/operations/keys/list-dkim-keys.ts';
import { retireDkimKey } from '../../src/operations/keys/retire-dkim-key.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { onEachEngine } from '../support/stores.ts';

function privateKey(algorithm: KeyAlgorithm): Buffer {
  const { privateKey: key } =
    algorithm === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 1024 })
      : generateKeyPairSync('ed25519');
  return key.export({ type: 'pkcs8', format: 'der' });
}

const add = (desk: Desk, algorithm: KeyAlgorithm = 'rsa', more = {}) =>
  desk.operate(addDkimKey, { algorithm, privateKey: privateKey(algorithm), ...more });
const activate = (desk: Desk, selector: string, published: PublishedKey = { kind: 'same' }, more = {}) =>
  desk.operate(activateDkimKey, { selector, published, ...more });
const states = async (desk: Desk) =>
  (await desk.operate(listDkimKeys, {})).map(
    ({ selector, algorithm, state }) => `${selector} ${algorithm} ${state}`,
  );
const signing = async (desk: Desk) => {
  const keys = await desk.store.read((db) => createKeyring().keysOf(db, desk.site.domains));
  return [...keys.values()].flat().map(({ domain, selector }) => `${selector}@${domain}`);
};

onEachEngine((engine) => {
  const make = async () => createDesk(await engine.freshStore());

  test('the first key signs at once, the next when it is activated, and then the first no more', async () => {
    const desk = await make();
    const first = await add(desk);
    expect(first.record.name).toBe(`${first.selector}._domainkey.lists.example.org`);
    expect(first.record.text).toMatch(/^v=DKIM1; k=rsa; p=MI[A-Za-z0-9+/]+=*$/);
    const second = await add(desk);
    expect([first.selector, second.selector]).toEqual(['lw202611', 'lw202611b']);
    expect(await signing(desk)).toEqual(['lw202611@lists.example.org']);
    expect(await activate(desk, 'lw202611b')).toMatchObject({ state: 'active', replaces: 'lw202611' });
    expect(await states(desk)).toEqual(['lw202611 rsa replaced', 'lw202611b rsa active']);
    expect(await signing(desk)).toEqual(['lw202611b@lists.example.org']);
  });

  test('one that was replaced can take its place again', async () => {
    const desk = await make();
    await add(desk);
    await add(desk);
    await activate(desk, 'lw202611b');
    desk.now += 1;
    expect(await activate(desk, 'lw202611')).toMatchObject({ replaces: 'lw202611b' });
    expect(await signing(desk)).toEqual(['lw202611@lists.example.org']);
  });

  test('Ed25519 signs beside RSA, and may go again', async () => {
    const desk = await make();
    await add(desk);
    expect((await add(desk, 'ed25519')).record.text).toMatch(/^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/);
    expect(await signing(desk)).toEqual(['lw202611@lists.example.org']);
    expect(await activate(desk, 'lw202611b')).toMatchObject({ replaces: undefined });
    expect(await signing(desk)).toEqual(['lw202611@lists.example.org', 'lw202611b@lists.example.org']);
    await desk.operate(retireDkimKey, { selector: 'lw202611b' });
    expect(await signing(desk)).toEqual(['lw202611@lists.example.org']);
  });

  test('a retired key never signs again, its private half is gone, and its selector is not used again', async () => {
    const desk = await make();
    await add(desk);
    await add(desk);
    await activate(desk, 'lw202611b');
    const retired = await desk.operate(retireDkimKey, { selector: 'lw202611' });
    expect(retired.recordUntil).toBe(desk.now + 14 * 24 * 3_600_000);
    const rows = await desk.store.read((db) =>
      db.selectFrom('dkim_keys').selectAll().orderBy('id').execute(),
    );
    expect(rows.map(({ private_key }) => private_key.length > 0)).toEqual([false, true]);
    await expect(activate(desk, 'lw202611')).rejects.toMatchObject({ code: 'conflict' });
    expect((await add(desk)).selector).toBe('lw202611c');
    const never = await desk.operate(retireDkimKey, { selector: 'lw202611c' });
    expect(never.recordUntil).toBeNull();
  });

  const notShown: readonly [PublishedKey, RegExp][] = [
    [{ kind: 'missing' }, /DNS has no TXT record at lw202611b\._domainkey\.lists\.example\.org yet/],
    [{ kind: 'other', found: ['v=DKIM1; p=x'] }, /DNS has another key/],
    [{ kind: 'other', found: ['a', 'b'] }, /DNS has 2 TXT records/],
    [{ kind: 'unknown', why: 'nobody answered in time' }, /could not be asked .*: nobody answered in time/],
  ];
  test.each(notShown)('is not activated while DNS shows %j, but by force', async (published, sentence) => {
    const desk = await make();
    await add(desk);
    await add(desk);
    await expect(activate(desk, 'lw202611b', published)).rejects.toThrow(sentence);
    expect(await signing(desk)).toEqual(['lw202611@lists.example.org']);
    await activate(desk, 'lw202611b', published, { force: true });
    expect(await signing(desk)).toEqual(['lw202611b@lists.example.org']);
  });

  test('the key that signs is not retired, nor one that is not there', async () => {
    const desk = await make();
    await add(desk);
    await expect(desk.operate(retireDkimKey, { selector: 'lw202611' })).rejects.toThrow(/signs now/);
    await expect(desk.operate(retireDkimKey, { selector: 'lw1' })).rejects.toThrow(/no key “lw1”/);
    await expect(activate(desk, 'lw202611')).rejects.toThrow(/signs already/);
  });

  test('a domain without a key gets one at the start, once', async () => {
    const store = await engine.freshStore();
    const one = createDesk(store);
    await ensureDkimKeys(one.perform, one.site);
    const two = createDesk(store, { domains: ['lists.example.org', 'b.example'] });
    expect(await ensureDkimKeys(two.perform, two.site)).toMatchObject([
      { domain: 'b.example', state: 'active' },
    ]);
    expect(await ensureDkimKeys(two.perform, two.site)).toEqual([]);
    expect(await signing(two)).toEqual(['lw202611@lists.example.org', 'lw202611@b.example']);
  });

  test('where there are several domains, which is meant must be said', async () => {
    const desk = createDesk(await engine.freshStore(), { domains: ['a.example', 'b.example'] });
    await expect(add(desk)).rejects.toThrow(/Say for which domain, with --domain: a\.example, b\.example/);
    await expect(add(desk, 'rsa', { domain: 'c.example' })).rejects.toThrow(/none of our mail domains/);
    for (const domain of ['a.example', 'B.example', 'a.example', 'b.example'])
      await add(desk, 'rsa', { domain });
    await expect(activate(desk, 'lw202611b')).rejects.toThrow(/Several domains have a key lw202611b/);
    await activate(desk, 'lw202611b', { kind: 'same' }, { domain: 'b.example' });
    expect(await signing(desk)).toEqual(['lw202611@a.example', 'lw202611b@b.example']);
  });

  test('no private key is in the audit trail, nor in what comes back', async () => {
    const desk = await make();
    const secret = privateKey('rsa');
    const told = await desk.operate(addDkimKey, { algorithm: 'rsa', privateKey: secret });
    const listed = await desk.operate(listDkimKeys, {});
    const audit = await desk.store.read((db) => db.selectFrom('audit').selectAll().execute());
    const text = JSON.stringify([told, listed, audit]);
    expect(audit.map(({ operation }) => operation)).toEqual(['add-dkim-key']);
    for (const piece of [secret.toString('base64').slice(40, 80), secret.toString('hex').slice(80, 160)])
      expect(text).not.toContain(piece);
  });
});
