/** What every way in goes through: read a batch, register what may be registered by itself, hold it to its rate, keep it. */
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log/index.ts';
import { Problem } from '../../platform/problem.ts';
import { propertyModel } from '../model/types.ts';
import { unitCode } from '../model/units.ts';
import { badBatch, tooFast } from '../problems.ts';
import type { Book } from '../registry/book.ts';
import { type EntityInput, PROPERTY, type RegistryStore, typeOf } from '../registry/store.ts';
import type { Intake, Outcome } from './intake.ts';
import type { Parsed } from './parsed.ts';
import { MOST, Reader } from './read.ts';
import type { Refusal } from './reasons.ts';

/** Forms of a batch. */
export type Form = 'json' | 'csv' | 'ndjson';

/** Who brings readings. */
export interface Sender {
  /** Under which they are counted: a gateway's id, or `file`. */
  id: string;
  owner: string | null;
  /** Whether entities of known types are registered when they are first heard. */
  auto: boolean;
  may(series: number): boolean;
  mayWrite(entity: string): boolean;
  /** Takes readings from its allowance; answers the seconds to wait, 0: none. */
  take(n: number, now: number): number;
}

/** What came of a batch, with its first refused readings by their place in it. */
export interface Answer extends Outcome {
  faults: NamedFault[];
}

/** A refused reading: its place among those that came, the line of the text where its form has lines, and what it said. */
export interface NamedFault {
  index: number;
  line?: number;
  reason: Refusal;
  said?: { entity: string; property: string; at: string; value: string; unit: string };
}

/** Refused readings that an answer names. */
const NAMED = 20;
/** Series of a hub at most. */
const SERIES = 1_000_000;

export interface DoorHost {
  book: Book;
  intake: Intake;
  registry: RegistryStore;
  clock: Clock;
  log: Pick<Logger, 'warn'>;
}

export class Door {
  readonly #host: DoorHost;
  constructor(host: DoorHost) {
    this.#host = host;
  }

  /**
   * Takes a batch; on disk when it resolves. Problems: `sensing.batch`, `sensing.too-many`, `sensing.too-fast`, `sensing.overloaded`,
   * `sensing.not-kept`.
   */
  async take(
    sender: Sender,
    form: Form,
    text: string,
    options: { most?: number; bulk?: boolean; named?: number } = {},
  ): Promise<Answer> {
    const unknown = new Map<string, { entity: string; property: string; unit: string | undefined }>();
    let parsed = this.#read(sender, form, text, options.most ?? MOST, (entity, property, unit) =>
      unknown.set(`${entity} ${property}`, { entity, property, unit }),
    );
    if (parsed.n === 0) throw new Problem(badBatch, { zh: '没有读数', en: 'it holds no readings' });
    const seconds = sender.take(parsed.n, this.#host.clock.now().getTime());
    if (seconds) throw new Problem(tooFast, { seconds });
    if (sender.auto && unknown.size && (await this.#register(sender, [...unknown.values()])))
      parsed = this.#read(sender, form, text, options.most ?? MOST);
    const outcome = await this.#host.intake.add(parsed, sender.id, options.bulk);
    const faults = parsed.faults.slice(0, options.named ?? NAMED).map((fault): NamedFault => {
      const { index, reason } = fault;
      const line = parsed.lineOf(index);
      const said = () => {
        const { reason: _, ...words } = parsed.described(fault);
        return words;
      };
      return { index, reason, ...(line ? { line } : {}), ...(options.named ? { said: said() } : {}) };
    });
    return { ...outcome, faults };
  }

  #read(
    sender: Sender,
    form: Form,
    text: string,
    most: number,
    unknown?: (entity: string, property: string, unit: string | undefined) => void,
  ): Parsed {
    const reader = new Reader(
      {
        book: this.#host.book,
        may: (series) => sender.may(series),
        mayWrite: (entity) => sender.mayWrite(entity),
        ...(unknown ? { unknown } : {}),
      },
      // A batch of a few lines needs no room for thousands.
      Math.min(most, Math.ceil(text.length / 2) + 1),
    );
    return reader[form](text);
  }

  /** Registers what a gateway may bring by itself; whether anything was. */
  async #register(
    sender: Sender,
    unknown: readonly { entity: string; property: string; unit: string | undefined }[],
  ): Promise<boolean> {
    if (this.#host.book.size + unknown.length > SERIES) return false;
    const entities = new Map<string, EntityInput & { properties: { name: string; unit?: string }[] }>();
    for (const { entity, property, unit } of unknown) {
      const type = typeOf(entity);
      if (type === undefined || !PROPERTY.test(property)) continue;
      const known = propertyModel(type, property);
      if (!known && (unit === undefined || unitCode(unit) === undefined)) continue;
      const name = entity.slice(`urn:ngsi-ld:${type}:`.length);
      const label = { zh: name, en: name };
      const of = entities.get(entity) ?? { id: entity, type, label, owner: sender.owner, properties: [] };
      // Of a known property the model says the unit; the sensor's is converted.
      of.properties.push({ name: property, ...(known ? {} : { unit: unit! }) });
      entities.set(entity, of);
    }
    const inputs = [...entities.values()].map((e) => {
      // Names and places that people gave stay as they are.
      const old = this.#host.book.of(e.id)[0];
      return old ? { ...e, label: old.label, owner: old.owner } : e;
    });
    if (!inputs.length) return false;
    await this.#host.registry.register(inputs, sender.id);
    return true;
  }
}
