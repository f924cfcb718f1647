/**
 * The store of one person in the field on one phone (IndexedDB): drafts, what waits, pictures, what was sent, what came from the hub. Encrypted as
 * the collectors' store is (forms/offline/crypto.ts), in a database of its own, named after the account.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import {
  type KeyRing,
  newRing,
  openRing,
  type Sealed,
  seal,
  sealBytes,
  unseal,
  unsealBytes,
} from '../../forms/offline/crypto.ts';
import { type QueueItem, recovered } from '../../forms/offline/queue.ts';
import type { Draft, Picture, Pulled, Sent, Waiting } from './model.ts';

type Held = Omit<Waiting, keyof QueueItem>;

interface Schema extends DBSchema {
  meta: { key: string; value: unknown };
  drafts: { key: string; value: Sealed };
  outbox: { key: string; value: { item: QueueItem; sealed: Sealed } };
  pictures: { key: string; value: { id: string; facts: Picture; content: Sealed } };
  sent: { key: string; value: { key: string; keptAt: string; sealed: Sealed } };
  pulled: { key: string; value: Sealed };
}

const MOST_SENT = 200;
const nameOf = (user: string) => `jingwei.field.${user}`;
const strict = { durability: 'strict' as const };

function database(user: string): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(nameOf(user), 1, {
    upgrade(db) {
      db.createObjectStore('meta');
      db.createObjectStore('drafts');
      db.createObjectStore('outbox');
      db.createObjectStore('pictures', { keyPath: 'id' });
      db.createObjectStore('sent', { keyPath: 'key' });
      db.createObjectStore('pulled');
    },
  });
}

/** Opens a person's store on this phone, or makes it. */
export async function openStore(user: string): Promise<FieldStore> {
  const db = await database(user);
  const { ring: fresh } = await newRing();
  const tx = db.transaction('meta', 'readwrite', strict);
  const there = (await tx.store.get('ring')) as KeyRing | undefined;
  // The first ring that is written stays: two pages that open at once must not each seal with a key of their own.
  if (!there) await tx.store.put(fresh, 'ring');
  await tx.done;
  return new FieldStore(db, await openRing(there ?? fresh, null));
}

/** How much of a person's work in the field the hub does not have. */
export async function fieldUnsent(user: string): Promise<number> {
  const known = await indexedDB.databases?.();
  if (known && !known.some((one) => one.name === nameOf(user))) return 0;
  const db = await database(user);
  const n = await db.count('outbox');
  db.close();
  return n;
}

/** The store while it is open. Every write is on disk when its promise is there. */
export class FieldStore {
  readonly #db: IDBPDatabase<Schema>;
  readonly #key: CryptoKey;

  constructor(db: IDBPDatabase<Schema>, key: CryptoKey) {
    this.#db = db;
    this.#key = key;
  }

  async draft(id: string): Promise<Draft | null> {
    const sealed = await this.#db.get('drafts', id);
    return sealed ? unseal<Draft>(this.#key, sealed) : null;
  }

  async putDraft(draft: Draft): Promise<void> {
    await this.#db.put('drafts', await seal(this.#key, draft), draft.id);
  }

  async removeDraft(id: string): Promise<void> {
    await this.#db.delete('drafts', id);
  }

  /** Puts something into the queue; the draft it was made of goes in the same transaction. */
  async handIn(subject: string, key: string, held: Held): Promise<void> {
    const sealed = await seal(this.#key, held);
    const tx = this.#db.transaction(['drafts', 'outbox', 'meta'], 'readwrite', strict);
    const seq = (((await tx.objectStore('meta').get('seq')) as number | undefined) ?? 0) + 1;
    await tx.objectStore('meta').put(seq, 'seq');
    const item: QueueItem = { ...{ id: key, subject, seq, standing: 'waiting' }, attempts: 0, notBefore: 0 };
    await tx.objectStore('outbox').put({ item, sealed }, key);
    await tx.objectStore('drafts').delete(held.draft.id);
    await tx.done;
  }

  async waiting(): Promise<Waiting[]> {
    const all = await this.#db.getAll('outbox');
    const opened = await Promise.all(
      all.map(async (one) => ({ ...one.item, ...(await unseal<Held>(this.#key, one.sealed)) })),
    );
    return opened.sort((a, b) => a.seq - b.seq);
  }

  async queue(): Promise<QueueItem[]> {
    return (await this.#db.getAll('outbox')).map((one) => one.item);
  }

  /** Writes the standing of one item; what is in it stays. */
  async mark(item: QueueItem): Promise<void> {
    const tx = this.#db.transaction('outbox', 'readwrite', strict);
    const held = await tx.store.get(item.id);
    if (held) await tx.store.put({ ...held, item }, item.id);
    await tx.done;
  }

  /** After a start: nothing is being sent. */
  async recover(): Promise<void> {
    const before = await this.queue();
    for (const item of recovered(before)) if (!before.includes(item)) await this.mark(item);
  }

  /** The hub keeps it: only now it leaves the phone, with its pictures, and stands in the list of what was sent. */
  async settle(key: string, sent: Sent, pictures: readonly string[]): Promise<void> {
    const sealed = await seal(this.#key, sent);
    const tx = this.#db.transaction(['outbox', 'pictures', 'sent'], 'readwrite', strict);
    await tx.objectStore('outbox').delete(key);
    for (const id of pictures) await tx.objectStore('pictures').delete(id);
    await tx.objectStore('sent').put({ key, keptAt: sent.keptAt, sealed });
    const all = await tx.objectStore('sent').getAll();
    for (const one of all.sort((a, b) => b.keptAt.localeCompare(a.keptAt)).slice(MOST_SENT))
      await tx.objectStore('sent').delete(one.key);
    await tx.done;
  }

  /** What was refused is written anew: it leaves the queue and is a draft again, with its pictures. */
  async takeBack(key: string, draft: Draft): Promise<void> {
    const sealed = await seal(this.#key, draft);
    const tx = this.#db.transaction(['outbox', 'drafts'], 'readwrite', strict);
    await tx.objectStore('outbox').delete(key);
    await tx.objectStore('drafts').put(sealed, draft.id);
    await tx.done;
  }

  /** Throws something that waits away, with its pictures. */
  async discard(key: string, pictures: readonly string[]): Promise<void> {
    const tx = this.#db.transaction(['outbox', 'pictures'], 'readwrite', strict);
    await tx.objectStore('outbox').delete(key);
    for (const id of pictures) await tx.objectStore('pictures').delete(id);
    await tx.done;
  }

  async sent(): Promise<Sent[]> {
    const all = await this.#db.getAll('sent');
    const opened = await Promise.all(all.map((one) => unseal<Sent>(this.#key, one.sealed)));
    return opened.sort((a, b) => b.keptAt.localeCompare(a.keptAt));
  }

  async putPicture(facts: Picture, content: ArrayBuffer): Promise<void> {
    const row = { id: facts.id, facts, content: await sealBytes(this.#key, content) };
    const tx = this.#db.transaction('pictures', 'readwrite', strict);
    await tx.store.put(row);
    await tx.done;
  }

  async picture(id: string): Promise<{ facts: Picture; content: ArrayBuffer } | null> {
    const row = await this.#db.get('pictures', id);
    return row ? { facts: row.facts, content: await unsealBytes(this.#key, row.content) } : null;
  }

  async arrived(id: string): Promise<void> {
    const row = await this.#db.get('pictures', id);
    if (row) await this.#db.put('pictures', { ...row, facts: { ...row.facts, arrived: true } });
  }

  async removePicture(id: string): Promise<void> {
    await this.#db.delete('pictures', id);
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
