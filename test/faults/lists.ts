import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import type { Store } from '../../src/store/store.ts';
import { createDesk } from '../support/desk.ts';

/** Lists with so many members each: `{ birds: 30, bees: 5 }`. poster@client.example owns them all, and gets their posts too. */
export async function makeLists(store: Store, sizes: Readonly<Record<string, number>>): Promise<void> {
  const desk = createDesk(store);
  desk.now = Date.now();
  for (const [name, size] of Object.entries(sizes)) {
    await desk.operate(createList, {
      address: `${name}@lists.example.org`,
      owners: ['poster@client.example'],
    });
    for (let from = 0; from < size - 1; from += 500) {
      const count = Math.min(500, size - 1 - from);
      const members = Array.from({ length: count }, (_, i) => ({ email: `m${from + i}@${name}.example` }));
      await desk.operate(addMembers, { list: name, members });
    }
  }
}
