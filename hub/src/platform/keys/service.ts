/** The keys of one hub: the list, what is due, custody kept in line, and what was done beside the hub brought into the audit. */
import { join } from 'node:path';
import type { Part } from '../operations/parts.ts';
import { Repeated } from '../repeat.ts';
import type { Deps } from '../room.ts';
import { Custody, guardOf, type KeyRing, type Vault } from '../vault/index.ts';
import { countFiles } from './files.ts';
import { type LossStatement, statement } from './lost.ts';
import { type KeyView, keysOf } from './registry.ts';

/** Milliseconds between looks, and for which counted files are remembered. */
const LOOK = 60_000;
const REMEMBERED = 3_600_000;
/** Milliseconds that a list waits for the count of files. */
const PATIENCE = 1_000;

/** Where the custody of a hub lies. */
export const custodyOf = (config: Deps['config'], keys: string): Custody =>
  new Custody(config.vault.custodyFolder ?? join(config.dataFolder, 'custody'), keys);

/** Folders of encrypted files; archives in an object store are not counted. */
export const sealedFolders = (config: Deps['config'], blobs: string): string[] => [
  blobs,
  ...(config.archives.store.kind === 'folder' ? [join(config.dataFolder, 'archives')] : []),
];

/** Brings custody in line with a ring: its keys as they open, whatever guards their files. Answers how many files changed. */
export function keepInCustody(custody: Custody, ring: KeyRing): number {
  return custody.keep(ring.names.map((name) => ({ name, content: fileOf(name, ring.named(name)!) })));
}

const fileOf = (name: string, key: Buffer) => `jingwei-key 1 ${name} ${key.toString('hex')}\n`;

/** The keys. */
export class Keys {
  readonly #deps: Deps;
  readonly #vault: Vault;
  readonly custody: Custody;
  readonly #looks: Repeated;
  readonly #stop = new AbortController();
  #counted: { at: number; counts: ReadonlyMap<number, number> } | undefined;
  #counting: Promise<void> | undefined;

  constructor(deps: Deps, vault: Vault) {
    this.#deps = deps;
    this.#vault = vault;
    this.custody = custodyOf(deps.config, deps.folders.keys);
    this.#looks = new Repeated(
      () => this.look(),
      (error) => deps.log.error({ err: error }, 'the keys could not be looked at'),
    );
    // A key that is made is in custody before anything is under it.
    vault.ring.onChange(() => this.keep());
  }

  start(): void {
    this.#looks.start(LOOK);
    void this.#looks.look();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#looks.stop();
    await this.#counting;
  }

  /** Brings custody in line with the keys as they are. */
  keep(): number {
    return keepInCustody(this.custody, this.#vault.ring);
  }

  /** Custody, what the audit does not know yet, what is due. */
  async look(): Promise<void> {
    this.keep();
    await this.#note();
    const { clock, notices, db } = this.#deps;
    const now = clock.now();
    const due = (await this.list()).filter((key) => key.due !== null && Date.parse(key.due) <= now.getTime());
    for (const key of due)
      await notices.tell(db.kysely, {
        key: `keys.due/${key.id}/${key.due!.slice(0, 10)}`,
        kind: 'keys.due',
        to: [{ role: 'security-admin' }],
        title: { zh: `密钥到期应更换：${key.title.zh}`, en: `A key is due to be replaced: ${key.title.en}` },
        text: { zh: `${key.id}，自 ${key.since?.slice(0, 10)}`, en: `${key.id}, since ${key.since?.slice(0, 10)}` },
        link: '/system/keys',
        about: `key/${key.id}`,
      });
  }

  /** The list. Files are counted in the background: the first list may come before they are. */
  async list(): Promise<KeyView[]> {
    const { lake, config } = this.#deps;
    const known = await lake.query<{ name: string; since: string }>(
      `SELECT name, strftime(made_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS since FROM vault.key ORDER BY name`,
    );
    const values = await lake.query<{ version: number; n: number }>(
      'SELECT key_version AS version, count(*)::INTEGER AS n FROM vault.value WHERE key_version IS NOT NULL GROUP BY key_version',
    );
    return keysOf({
      ...{ ring: this.#vault.ring, custody: this.custody, known },
      guarded: guardOf(this.#vault.ring.folder) !== undefined,
      values: new Map(values.map(({ version, n }) => [version, n])),
      files: await this.#files(),
      backups: config.backup.folder !== undefined,
      tls: config.http.tls?.key,
      rotateDays: config.vault.rotateDays,
    });
  }

  /** What can be read of the data with the keys that are there. Files are counted anew. */
  async lost(): Promise<LossStatement> {
    const { lake, config, folders } = this.#deps;
    const files = await countFiles(sealedFolders(config, folders.blobs), this.#stop.signal);
    return statement({
      lake,
      ring: this.#vault.ring,
      custody: this.custody,
      files,
      backups: config.backup.folder !== undefined,
    });
  }

  /** A new key for files; those that are there are read under theirs. */
  async rotateFiles(): Promise<number> {
    return this.#vault.rotateFiles();
  }

  /** The standing line. */
  async standing(): Promise<Part[]> {
    const keys = await this.list();
    const now = this.#deps.clock.now().getTime();
    const lost = keys.filter((key) => key.state === 'lost').length;
    const due = keys.filter((key) => key.due !== null && Date.parse(key.due) <= now).length;
    const active = keys.filter((key) => key.state === 'active').length;
    const { file } = this.custody;
    return [
      {
        ...{ id: 'keys', title: { zh: '密钥', en: 'Keys' }, link: '/system/keys' },
        standing: lost > 0 ? 'bad' : due > 0 ? 'warn' : 'ok',
        text: {
          zh: `使用中 ${active}，应更换 ${due}，丢失 ${lost}；${file ? `由 ${file.count} 人分持` : '未分持'}`,
          en: `${active} in use, ${due} due, ${lost} lost; ${file ? `in custody of ${file.count}` : 'not in custody'}`,
        },
      },
    ];
  }

  async #files(): Promise<ReadonlyMap<number, number> | undefined> {
    const { config, folders, log } = this.#deps;
    if (!this.#counted || performance.now() - this.#counted.at > REMEMBERED)
      this.#counting ??= countFiles(sealedFolders(config, folders.blobs), this.#stop.signal)
        .then(
          (counts) => {
            this.#counted = { at: performance.now(), counts };
          },
          (error) => {
            if (!this.#stop.signal.aborted) log.error({ err: error }, 'the files could not be counted');
          },
        )
        .finally(() => {
          this.#counting = undefined;
        });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE);
    });
    await Promise.race([this.#counting, late]);
    clearTimeout(timer);
    return this.#counted?.counts;
  }

  /** What the command line did to the keys while no hub ran: once, in one transaction with its mark. */
  async #note(): Promise<void> {
    const { lake, db, audit, clock } = this.#deps;
    const lost = await lake.query<{ name: string; at: string; reason: string }>(
      `SELECT name, strftime(lost_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS at, reason FROM vault.lost`,
    );
    const { file } = this.custody;
    const guard = guardOf(this.#vault.ring.folder);
    const done = [
      ...lost.map(({ name, at, reason }) => ({
        ...{ what: `lost/${name}/${at}`, action: 'keys.lost', object: `key/${name}` },
        detail: { reason, at },
      })),
      ...(file
        ? [
            {
              ...{ what: `custody/${file.made}`, action: 'keys.custody', object: 'custody' },
              detail: { needed: file.needed, count: file.count, at: file.made },
            },
          ]
        : []),
      ...(guard
        ? [
            {
              what: `guard/${guard.made}`,
              action: 'keys.guard',
              object: `token/${guard.token}`,
              detail: { at: guard.made },
            },
          ]
        : []),
    ];
    for (const { what, action, object, detail } of done)
      await db.tx(async (trx) => {
        const fresh = await trx
          .insertInto('keys.noted')
          .values({ what, at: clock.now() })
          .onConflict((c) => c.doNothing())
          .returning('what')
          .execute();
        if (fresh.length > 0) await audit.append({ actor: null, action, object, outcome: 'ok', detail }, trx);
      });
  }
}
