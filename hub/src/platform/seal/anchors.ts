/**
 * What signatures end in: the publications file and who signs it. A hub with a calendar of its own has an authority of its own; one under another
 * service believes that service's file, fetched now and then and kept on disk, against the root that its settings name.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  extendSignature,
  KeylessError,
  type KeylessSignature,
  nearestPublication,
  type PublicationRecord,
  type PublicationsFile,
  publicationString,
  readPublicationsFile,
  readSignature,
  verifyInternal,
  verifyPublicationsFile,
  writePublicationRecord,
} from '@jingwei/keyless';
import { Authority, writePublicationsFile } from '@jingwei/keyless/publish';
import type { RootSignature, SigningService } from '@jingwei/keyless/service';
import type { Published, SignerSetup } from './signer.ts';

/** Years for which certificates are made, and days before their end at which new ones are. */
const YEARS = 5;
const EARLY_DAYS = 90;
const DAY = 86_400n;
/** Largest publications file that is fetched, bytes; longest wait for it, milliseconds. */
const LARGEST = 32 * 1024 * 1024;
const PATIENCE = 20_000;

/** The anchors of one service. */
export interface PublishedAnchors {
  /** The publications file. */
  readonly bytes: Uint8Array;
  /** Root certificate, PEM. */
  readonly root: string;
  /** Signs published data until the next publication; absent under another service, which does so itself. */
  authenticate?(publishedData: Uint8Array): RootSignature;
  /** The first publication at or after a second. */
  nearest(time: bigint): PublicationRecord | undefined;
  /** A signature whose end is a publication instead of a key's word. */
  extended(signature: KeylessSignature, chain: Uint8Array, publication: PublicationRecord): Uint8Array;
  /** Publishes the newest second, or fetches what the service above has published; null when nothing is new. */
  publish(service: SigningService): Promise<Published | null>;
  published(): Published[];
}

const publishedOf = ({ data }: PublicationRecord): Published => ({
  time: Number(data.time),
  root: data.hash,
  printed: publicationString(data.time, data.hash),
});

/** Opens the anchors, making authority and file where they are not there yet. */
export async function openAnchors(setup: SignerSetup, now: () => number): Promise<PublishedAnchors> {
  return setup.parent ? AboveAnchors.open(setup, setup.parent, now) : new OwnAnchors(setup, now);
}

abstract class FileAnchors {
  readonly #path: string;
  bytes: Uint8Array = new Uint8Array();
  protected file!: PublicationsFile;

  constructor(folder: string) {
    this.#path = join(folder, 'publications.bin');
  }

  protected load(): boolean {
    if (!existsSync(this.#path)) return false;
    this.take(new Uint8Array(readFileSync(this.#path)));
    return true;
  }

  protected take(bytes: Uint8Array): void {
    this.file = readPublicationsFile(bytes);
    this.bytes = bytes;
  }

  /** Whole or not at all: the name appears when the content is on disk. */
  protected keep(bytes: Uint8Array): void {
    const file = openSync(`${this.#path}.new`, 'w', 0o600);
    try {
      writeSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${this.#path}.new`, this.#path);
    this.take(bytes);
  }

  nearest(time: bigint): PublicationRecord | undefined {
    return nearestPublication(this.file, time);
  }

  extended(signature: KeylessSignature, chain: Uint8Array, { data, references, repositories }: PublicationRecord) {
    const { time, hash } = data;
    const bytes = extendSignature(
      signature,
      chain,
      writePublicationRecord(0x803, { time, hash, references, repositories }),
    );
    const { verdict } = verifyInternal(readSignature(bytes));
    if (verdict.outcome !== 'ok')
      throw new KeylessError(
        'extend.verify',
        `延伸后的签名不成立：${verdict.code}`,
        `the extended signature does not hold: ${verdict.code}`,
      );
    return bytes;
  }

  published(): Published[] {
    return this.file.publications.map(publishedOf);
  }
}

/** A calendar of one's own, published by an authority of one's own. */
class OwnAnchors extends FileAnchors implements PublishedAnchors {
  readonly #authority: Authority;
  readonly #now: () => number;

  constructor({ folder, keys, authority, name, email }: SignerSetup, now: () => number) {
    super(folder);
    this.#now = now;
    const there = existsSync(join(keys, 'root.pem'));
    if (!there && existsSync(join(folder, 'publications.bin')))
      throw new KeylessError(
        'authority.lost',
        `签名密钥目录 ${keys} 缺失：请从备份恢复，切勿新建`,
        `the signing keys of existing publications are missing: restore the folder ${keys} from the backup`,
      );
    this.#authority = there
      ? Authority.open(keys)
      : Authority.create(keys, { kind: authority, subject: { organisation: name }, email, now: now(), years: YEARS });
    const renewed = this.#renew();
    if (!this.load() || renewed) this.#write(this.file?.publications ?? []);
  }

  get root(): string {
    return this.#authority.root;
  }

  authenticate(publishedData: Uint8Array): RootSignature {
    return this.#authority.authenticate(publishedData);
  }

  async publish(service: SigningService): Promise<Published | null> {
    const last = service.calendar?.last;
    const before = this.file.publications.at(-1)?.data.time ?? -1n;
    const renewed = this.#renew();
    if (!last || last.time <= before) {
      if (renewed) this.#write(this.file.publications);
      return null;
    }
    // A second that is not over could still be found signed by nobody else: it is over once the calendar has it.
    const { time, root } = service.publish(last.time);
    this.#write([...this.file.publications, { data: { time, hash: root }, references: [], repositories: [] }]);
    return { time: Number(time), root, printed: publicationString(time, root) };
  }

  /** New certificates well before the old ones end; whether any were made. */
  #renew(): boolean {
    const now = this.#now();
    const soon = BigInt(Math.floor(now / 1000)) + BigInt(EARLY_DAYS) * DAY;
    const calendar = this.#authority.expires < soon;
    const publisher = this.#authority.publisherExpires < soon;
    if (calendar) this.#authority.rotate({ now, years: YEARS });
    if (publisher) this.#authority.renewPublisher({ now, years: YEARS });
    return calendar || publisher;
  }

  #write(
    publications: readonly {
      data: { time: bigint; hash: Uint8Array };
      references: readonly string[];
      repositories: readonly string[];
    }[],
  ): void {
    this.keep(
      writePublicationsFile({
        authority: this.#authority,
        created: BigInt(Math.floor(this.#now() / 1000)),
        publications: publications.map(({ data, references, repositories }) => ({
          ...{ time: data.time, hash: data.hash },
          ...{ references, repositories },
        })),
      }),
    );
  }
}

type Above = NonNullable<SignerSetup['parent']>;

/** The anchors of the service above. */
class AboveAnchors extends FileAnchors implements PublishedAnchors {
  readonly #above: Above;
  readonly #now: () => number;

  private constructor(folder: string, above: Above, now: () => number) {
    super(folder);
    this.#above = above;
    this.#now = now;
  }

  /** What was kept is used while the service above is away. */
  static async open({ folder }: SignerSetup, above: Above, now: () => number): Promise<AboveAnchors> {
    const anchors = new AboveAnchors(folder, above, now);
    const kept = anchors.load();
    try {
      anchors.keep(await anchors.#fetch());
    } catch (error) {
      if (!kept) throw error;
    }
    return anchors;
  }

  get root(): string {
    return this.#above.root;
  }

  async publish(): Promise<Published | null> {
    const before = this.file.publications.at(-1)?.data.time ?? -1n;
    this.keep(await this.#fetch());
    const last = this.file.publications.at(-1);
    return last && last.data.time > before ? publishedOf(last) : null;
  }

  async #fetch(): Promise<Uint8Array> {
    const { url, root, email } = this.#above;
    const at = new URL('/keyless/publications', url);
    let bytes: Uint8Array;
    try {
      const answer = await fetch(at, { signal: AbortSignal.timeout(PATIENCE), redirect: 'error' });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      if (Number(answer.headers.get('content-length') ?? 0) > LARGEST) throw new Error('too large');
      bytes = new Uint8Array(await answer.arrayBuffer());
    } catch (error) {
      throw new KeylessError(
        'upstream',
        `取不到上级的公开值文件：${(error as Error).message}`,
        `the publications file of the service above cannot be had: ${(error as Error).message}`,
      );
    }
    verifyPublicationsFile(readPublicationsFile(bytes), {
      ...{ roots: [root], email },
      at: BigInt(Math.floor(this.#now() / 1000)),
    });
    return bytes;
  }
}
