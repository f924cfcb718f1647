/**
 * The store of one person on one phone (IndexedDB): drafts, what waits, files, what was sent, what came from the hub. Each person has a database of
 * their own, named after their account, so that nothing of another is ever opened; its content is encrypted (crypto.ts).
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import {
  changePin,
  type KeyRing,
  newRing,
  openRing,
  type Sealed,
  seal,
  sealBytes,
  unseal,
  unsealBytes,
} from './crypto.ts';
import { uuid7 } from './ids.ts';
import type { Draft, KeptFile, Operation, Pulled, Sent, Waiting } from './model.ts';
import { type QueueItem, recovered } from './queue.ts';

interface Schema extends DBSchema {
  meta: { key: string; value: unknown };
  drafts: { key: string; value: { id: string; updatedAt: string; sealed: Sealed } };
  outbox: { key: string; value: { item: QueueItem; sealed: Sealed } };
  files: {
    key: string;
    value: { id: string; record: string; facts: Sealed; content: Sealed };
    indexes: { record: string };
  };
  sent: { key: string; value: { key: string; keptAt: string; sealed: Sealed } };
  pulled: { key: string; value: Sealed };
}

const MOST_SENT = 300;
const nameOf = (user: string) => `jingwei.collect.${user}`;

function database(user: string): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(nameOf(user), 1, {
    upgrade(db) {
      db.createObjectStore('meta');
      db.createObjectStore('drafts', { keyPath: 'id' });
      db.createObjectStore('outbox');
      db.createObjectStore('files', { keyPath: 'id' }).createIndex('record', 'record');
      db.createObjectStore('sent', { keyPath: 'key' });
      db.createObjectStore('pulled');
    },
  });
}

/** Opened, its PIN not asked for yet. */
export interface LockedStore {
  pin: boolean;
  /** Fails with `WrongPin`. */
  open(pin: string | null): Promise<CollectStore>;
}

/** The first ring that is written stays: two pages that open at once must not each seal with a key of their own. */
async function madeRing(db: IDBPDatabase<Schema>): Promise<KeyRing> {
  const { ring } = await newRing();
  const tx = db.transaction('meta', 'readwrite', { durability: 'strict' });
  const there = (await tx.store.get('ring')) as KeyRing | undefined;
  if (!there) await tx.store.put(ring, 'ring');
  await tx.done;
  return there ?? ring;
}

/** Finds a person's store on this phone, or makes it. */
export async function findStore(user: string): Promise<LockedStore> {
  const db = await database(user);
  const found = ((await db.get('meta', 'ring')) as KeyRing | undefined) ?? (await madeRing(db));
  return {
    pin: found.pin !== null,
    open: async (pin) => new CollectStore(db, found, await openRing(found, pin)),
  };
}

/** How much of a person's work on this phone the hub does not have, without opening it: drafts, and what waits. */
export async function unsentOf(user: string): Promise<{ drafts: number; waiting: number }> {
  const known = await indexedDB.databases?.();
  if (known && !known.some((one) => one.name === nameOf(user))) return { drafts: 0, waiting: 0 };
  const db = await database(user);
  const counts = { drafts: await db.count('drafts'), waiting: await db.count('outbox') };
  db.close();
  return counts;
}

/** The store while it is open. Every write is on disk when its promise is there (durability `strict`). */
export class CollectStore {
  readonly #db: IDBPDatabase<Schema>;
  #ring: KeyRing;
  readonly #key: CryptoKey;

  constructor(db: IDBPDatabase<Schema>, ring: KeyRing, key: CryptoKey) {
    this.#db = db;
    this.#ring = ring;
    this.#key = key;
  }

  get hasPin(): boolean {
    return this.#ring.pin !== null;
  }

  /** Sets, changes or (null) removes the PIN. */
  async setPin(old: string | null, next: string | null): Promise<void> {
    const ring = await changePin(this.#ring, old, next);
    await this.#db.put('meta', ring, 'ring');
    this.#ring = ring;
  }

  /** This browser's number for synchronisation. */
  async device(): Promise<string> {
    const known = (await this.#db.get('meta', 'device')) as string | undefined;
    if (known) return known;
    const made = crypto.randomUUID();
    await this.#db.put('meta', made, 'device');
    return made;
  }

  async drafts(): Promise<Draft[]> {
    const all = await this.#db.getAll('drafts');
    const opened = await Promise.all(all.map((one) => unseal<Draft>(this.#key, one.sealed)));
    return opened.sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
  }

  async draft(id: string): Promise<Draft | null> {
    const found = await this.#db.get('drafts', id);
    return found ? unseal<Draft>(this.#key, found.sealed) : null;
  }

  async putDraft(draft: Draft): Promise<void> {
    const sealed = await seal(this.#key, draft);
    const tx = this.#db.transaction('drafts', 'readwrite', { durability: 'strict' });
    await tx.store.put({ id: draft.id, updatedAt: draft.updatedAt, sealed });
    await tx.done;
  }

  /** Throws a draft away, with its files. */
  async removeDraft(id: string): Promise<void> {
    const tx = this.#db.transaction(['drafts', 'files'], 'readwrite', { durability: 'strict' });
    await tx.objectStore('drafts').delete(id);
    for (const key of await tx.objectStore('files').index('record').getAllKeys(id))
      await tx.objectStore('files').delete(key);
    await tx.done;
  }

  /** Hands a draft in: it leaves the drafts and joins the queue in one transaction. */
  async handIn(draft: Draft, operation: Operation): Promise<void> {
    const sealed = await seal(this.#key, operation);
    const tx = this.#db.transaction(['drafts', 'outbox', 'meta'], 'readwrite', { durability: 'strict' });
    const seq = (((await tx.objectStore('meta').get('seq')) as number | undefined) ?? 0) + 1;
    await tx.objectStore('meta').put(seq, 'seq');
    const item: QueueItem = {
      id: operation.key,
      subject: operation.record,
      seq,
      standing: 'waiting',
      attempts: 0,
      notBefore: 0,
    };
    await tx.objectStore('outbox').put({ item, sealed }, operation.key);
    await tx.objectStore('drafts').delete(draft.id);
    await tx.done;
  }

  async waiting(): Promise<Waiting[]> {
    const all = await this.#db.getAll('outbox');
    const opened = await Promise.all(
      all.map(async (one) => ({ ...one.item, operation: await unseal<Operation>(this.#key, one.sealed) })),
    );
    return opened.sort((a, b) => a.seq - b.seq);
  }

  /** The queue as it lies there, without opening what is in it. */
  async queue(): Promise<QueueItem[]> {
    return (await this.#db.getAll('outbox')).map((one) => one.item);
  }

  /** Writes the standing of one item; what is in it stays. */
  async mark(item: QueueItem): Promise<void> {
    const tx = this.#db.transaction('outbox', 'readwrite', { durability: 'strict' });
    const held = await tx.store.get(item.id);
    if (held) await tx.store.put({ ...held, item }, item.id);
    await tx.done;
  }

  /** The hub has this revision of the record that an item writes: what is mended goes on from it. */
  async rebase(key: string, revision: number): Promise<void> {
    const held = await this.#db.get('outbox', key);
    if (!held) return;
    const operation = await unseal<Operation>(this.#key, held.sealed);
    const based = { ...operation, draft: { ...operation.draft, base: revision, after: undefined } };
    await this.#db.put('outbox', { ...held, sealed: await seal(this.#key, based) }, key);
  }

  /** After a start: nothing is being sent. */
  async recover(): Promise<void> {
    const before = await this.queue();
    for (const item of recovered(before)) if (!before.includes(item)) await this.mark(item);
  }

  /** The hub keeps it: only now it leaves the phone, and stands in the list of what was sent. */
  async settle(key: string, sent: Sent): Promise<void> {
    const sealed = await seal(this.#key, sent);
    const arrived = (await this.filesOf(sent.record)).filter((file) => file.arrived);
    const tx = this.#db.transaction(['outbox', 'files', 'sent'], 'readwrite', { durability: 'strict' });
    await tx.objectStore('outbox').delete(key);
    for (const file of arrived) await tx.objectStore('files').delete(file.id);
    await tx.objectStore('sent').put({ key, keptAt: sent.keptAt, sealed });
    const all = await tx.objectStore('sent').getAll();
    const surplus = all.sort((a, b) => b.keptAt.localeCompare(a.keptAt)).slice(MOST_SENT);
    for (const one of surplus) await tx.objectStore('sent').delete(one.key);
    await tx.done;
  }

  /** Takes what cannot be sent as it is out of the queue to be mended, with what follows it of the same record: it is a draft again. */
  async takeBack(item: QueueItem, draft: Draft): Promise<void> {
    const sealed = await seal(this.#key, draft);
    const tx = this.#db.transaction(['outbox', 'drafts'], 'readwrite', { durability: 'strict' });
    const outbox = tx.objectStore('outbox');
    for (const { item: one } of await outbox.getAll())
      if (one.subject === item.subject && one.seq >= item.seq) await outbox.delete(one.id);
    await tx.objectStore('drafts').put({ id: draft.id, updatedAt: draft.updatedAt, sealed });
    await tx.done;
  }

  async sent(): Promise<Sent[]> {
    const all = await this.#db.getAll('sent');
    const opened = await Promise.all(all.map((one) => unseal<Sent>(this.#key, one.sealed)));
    return opened.sort((a, b) => b.keptAt.localeCompare(a.keptAt));
  }

  async putFile(facts: Omit<KeptFile, 'id'>, content: ArrayBuffer): Promise<string> {
    const id = uuid7();
    const row = {
      id,
      record: facts.record,
      facts: await seal(this.#key, { ...facts, id }),
      content: await sealBytes(this.#key, content),
    };
    const tx = this.#db.transaction('files', 'readwrite', { durability: 'strict' });
    await tx.store.put(row);
    await tx.done;
    return id;
  }

  async file(id: string): Promise<{ facts: KeptFile; content: ArrayBuffer } | null> {
    const row = await this.#db.get('files', id);
    if (!row) return null;
    return { facts: await unseal<KeptFile>(this.#key, row.facts), content: await unsealBytes(this.#key, row.content) };
  }

  /** Facts of the files of a record that are on the phone. */
  async filesOf(record: string): Promise<KeptFile[]> {
    const rows = await this.#db.getAllFromIndex('files', 'record', record);
    return Promise.all(rows.map((row) => unseal<KeptFile>(this.#key, row.facts)));
  }

  async markArrived(id: string): Promise<void> {
    const row = await this.#db.get('files', id);
    if (!row) return;
    const facts = await unseal<KeptFile>(this.#key, row.facts);
    const sealed = await seal(this.#key, { ...facts, arrived: true });
    await this.#db.put('files', { ...row, facts: sealed });
  }

  async removeFile(id: string): Promise<void> {
    await this.#db.delete('files', id);
  }

  async pulled(): Promise<Pulled | null> {
    const sealed = await this.#db.get('pulled', 'last');
    return sealed ? unseal<Pulled>(this.#key, sealed) : null;
  }

  async putPulled(pulled: Pulled): Promise<void> {
    await this.#db.put('pulled', await seal(this.#key, pulled), 'last');
  }

  close(): void {
    this.#db.close();
  }
}
