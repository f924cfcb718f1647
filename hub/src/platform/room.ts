/**
 * How a room joins the hub. A room's index.ts exports `room(): RoomModule`; app.ts lists the rooms in their order and
 * calls what they declare: migrations, then `defineLake`, then `jobs`, then `routes`, then `start`; at the end `stop` in
 * the opposite order. A room keeps what it needs of `Deps` itself; nothing is global.
 */
import type { Kysely } from 'kysely';
import type { Principal } from './auth/principal.ts';
import type { NamedFiles, Turn, TurnStep } from './backup/together/turn.ts';
import type { BlobStore } from './blobs/index.ts';
import type { Bus } from './bus/index.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/index.ts';
import type { AnyTables, Db } from './db/index.ts';
import type { LeanHandler, Metrics, RouteDefinition } from './http/index.ts';
import type { JobKind, JobQueue } from './jobs/index.ts';
import type { Lake, LakeSession } from './lake/index.ts';
import type { Logger } from './log/index.ts';
import type { MirrorDeclaration } from './mirror/index.ts';
import type { NoticePort } from './notices/port.ts';
import type { Part } from './operations/parts.ts';
import type { Kept } from './operations/retention.ts';
import type { HoldingKind } from './people/holdings.ts';
import type { PersonalHolder } from './personal.ts';
import type { SealPort } from './seal/port.ts';
import type { Backfill } from './upgrade/backfills.ts';

export type { NamedFiles, Turn, TurnStep };

/** One entry of the audit. `at` is the clock's time unless given. */
export interface AuditEntry {
  at?: Date;
  actor: Principal | null;
  action: string;
  object: string;
  purpose?: string;
  outcome: 'ok' | 'refused' | 'failed';
  detail?: Record<string, unknown>;
}

/** The append-only audit as rooms see it. Inside a transaction give its handle, so that both are kept or neither. */
export interface AuditPort {
  append(entry: AuditEntry, trx?: Kysely<AnyTables>): Promise<void>;
}

/** What kind of identity value a token stands for. */
export type TokenKind = 'citizen-id' | 'phone' | 'account';

/** The vault of identity data as rooms see it; the lake holds tokens only. */
export interface VaultPort {
  tokenOf(kind: TokenKind, original: string): string;
  /** The token of the normal form of a number in any spelling. */
  normOf(kind: TokenKind, text: string): string;
  /** Every token whose original has the same normal form: what a search by number looks for. */
  find(kind: TokenKind, text: string): Promise<string[]>;
  /** Stores the distinct new values of a temporary table's answer; fills `into (original VARCHAR, token VARCHAR)`. */
  stageTokens(session: LakeSession, kind: TokenKind, distinctSql: string, into: string): Promise<number>;
  /** Tokens of the normal forms of values that are only held against what is known: fills `into (original, norm)`, keeps none. */
  stageNorms(session: LakeSession, kind: TokenKind, distinctSql: string, into: string): Promise<void>;
  reveal(tokens: string[], who: Principal, purpose: string): Promise<Map<string, string>>;
  masks(tokens: string[]): Promise<Map<string, string>>;
  /** What erasing a person needs of it; absent in tests of other things. */
  readonly erasing?: ErasingVault;
}

/** The vault as the room of erasure sees it: values are opened for a step's own use only, never shown. */
export interface ErasingVault {
  /** Tokens of every spelling with this normal form. */
  spellings(norm: string): Promise<string[]>;
  /** Of some tokens of telephones and accounts those that stand for a real number, with every other spelling of it. */
  alike(tokens: readonly string[]): Promise<string[]>;
  /** Originals in memory, for finding them in texts and files. */
  open(tokens: readonly string[]): Promise<string[]>;
  /** From now on new spellings of the number come in empty. */
  close(norm: string, at: Date): Promise<void>;
  /** Destroys salt and ciphertext of every spelling; answers how many values. */
  destroy(norm: string): Promise<number>;
  /** Takes out values whole, for numbers that may be another's tomorrow (telephones). */
  remove(tokens: readonly string[]): Promise<number>;
  /** Values that a law makes the city keep: their mask goes and nobody opens them. */
  restrict(norm: string, at: Date): Promise<number>;
  /** A keyed digest by which who holds the number and may ask can tell whether a document is about it. */
  digest(norm: string): string;
}

/** What the platform gives every room. */
export interface Deps {
  config: Config;
  /** Absolute folders: everything kept, and the repository's own data (sources, cities, standards). */
  folders: {
    data: string;
    inbox: string;
    blobs: string;
    keys: string;
    sources: string;
    cities: string;
    standards: string;
  };
  clock: Clock;
  log: Logger;
  db: Db;
  lake: Lake;
  jobs: JobQueue;
  blobs: BlobStore;
  /** Files of electronic archives: a store of their own, in a folder or S3-compatible. */
  archiveBlobs: BlobStore;
  bus: Bus;
  audit: AuditPort;
  vault: VaultPort;
  /** Keyless signatures of whatever must be provable later. */
  seal: SealPort;
  /** What people are to be told: the one inbox, mail, messages. */
  notices: NoticePort;
  /** Figures for Prometheus; `gauge()` of the web server adds one that is read when asked. */
  metrics: Metrics;
  http: {
    /** Where the hub is reached: the configured public address, or the one that it listens on (empty before it does). */
    url(): string;
  };
}

/** A room as app.ts composes it. */
export interface RoomModule {
  /** The folder's name under hub/src; also the name of its PostgreSQL schema. */
  name: string;
  /** Absolute path of its folder of dated .sql files, when it has one. */
  migrations?: string;
  /** Creates what is missing in the lake; must be idempotent. What all rooms define is one transaction: nothing else can be asked of the lake in it. */
  defineLake?(lake: Pick<Lake, 'define'>): Promise<void>;
  /** Work over data that a version needs, apart from the change of structure: each runs once, as a job. */
  backfills?: readonly Backfill<Deps>[];
  /** Tables or views of its PostgreSQL schema that the lake shows as `v.<name>_v1`, within a second of every change. */
  mirrors?: readonly MirrorDeclaration[];
  /** What people and organisations hold in it: found when somebody leaves or an organisation changes. */
  holdings?: readonly HoldingKind[];
  // biome-ignore lint/suspicious/noExplicitAny: each kind checks its own parameters by its schema.
  jobs?(deps: Deps): JobKind<any>[];
  routes?(deps: Deps): RouteDefinition[];
  /** Look-ups too many for the routes' way: answered before it, with authentication and records of their own. */
  lean?(deps: Deps): LeanHandler[];
  /** Runs when jobs and routes are known and before the hub listens: watchers, timers, first loads. */
  start?(deps: Deps): Promise<void>;
  /** What it holds of one natural person, and how it lets go of that. */
  personal?(deps: Deps): PersonalHolder;
  /** How long it keeps what, by which law or for what: shown to administrators. */
  retention?(deps: Deps): Kept[];
  /** How the room stands, for its administrators: figures and what needs a hand, no business data. */
  standing?(deps: Deps): Promise<Part[]>;
  /** Columns of its tables that name files by content: `jingwei fsck` looks whether they are there. */
  files?: readonly NamedFiles[];
  /**
   * The store was found at another moment than lake and files (one of them was put back alone): before `start`, the room sets back what points
   * beyond the other and says what is left. May be called again for the same turn.
   */
  turned?(deps: Deps, turn: Turn): Promise<TurnStep[]>;
  /** Ends what `start` began; called once, in the opposite order of rooms. */
  stop?(): Promise<void>;
}
