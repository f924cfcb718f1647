/** Ends a second: its tree, the log of rounds, the calendar or the service above, and the answers. */
import type { Calendar, Finding } from '../calendar/index.ts';
import type { Watch } from './clock.ts';
import type { ServiceOptions } from './options.ts';
import { Refusal, STATUS } from './refusal.ts';
import { askedAgain } from './reissue.ts';
import type { RoundLeaf } from './round-records.ts';
import { calendarAnchor, ownSignatures, parentSignatures, RoundTree } from './round-tree.ts';
import type { Rounds } from './rounds.ts';

/** A request that waits for the end of its second. */
export interface Waiting {
  leaf: RoundLeaf;
  answer: (signature: Uint8Array) => void;
  refuse: (why: Refusal) => void;
}

/** How many signatures are made before others get a turn. */
const ANSWERS_AT_ONCE = 256;

/** Signs the rounds of one service. */
export class RoundSigner {
  readonly #algorithm: number;
  readonly #calendar: Calendar | undefined;
  readonly #rounds: Rounds;
  readonly #watch: Watch;
  readonly #options: ServiceOptions;
  /** Requests that were answered with a signature. */
  signed = 0;

  constructor(
    algorithm: number,
    calendar: Calendar | undefined,
    rounds: Rounds,
    watch: Watch,
    options: ServiceOptions,
  ) {
    this.#algorithm = algorithm;
    this.#calendar = calendar;
    this.#rounds = rounds;
    this.#watch = watch;
    this.#options = options;
  }

  /**
   * A round whose calendar record was never written: the machine stopped between the two, nobody was answered. The round is whole on disk and
   * was so in its second, so its root enters the calendar now and its requests can be asked for again.
   */
  complete(): Finding[] {
    const { last } = this.#rounds;
    const calendar = this.#calendar;
    if (!last || !calendar || (calendar.last && Number(calendar.last.time) >= last.time)) return [];
    calendar.append([{ time: last.time, root: last.root }]);
    return [
      {
        code: 'completed',
        zh: `第 ${last.time} 秒的轮次还没有记入日历，已补记`,
        en: `the round of second ${last.time} was not in the calendar yet; it was entered`,
        file: `${this.#options.folder}/calendar.log`,
        mended: true,
      },
    ];
  }

  /** Writes a second's requests to the log of rounds; answers their tree, and how to take them back. */
  #write(second: number, waiting: readonly Waiting[]): { tree: RoundTree; takeBack: () => void } {
    const leaves = waiting.map(({ leaf }) => leaf);
    const tree = new RoundTree(this.#algorithm, leaves);
    const { root, level } = tree;
    return { tree, takeBack: this.#rounds.add({ time: second, algorithm: this.#algorithm, root, level, leaves }) };
  }

  /** Signs a second by the calendar of our own. */
  async signHere(second: number, waiting: readonly Waiting[]): Promise<void> {
    const { tree, takeBack } = this.#write(second, waiting);
    try {
      this.#calendar!.append([{ time: second, root: tree.root }]);
    } catch (error) {
      takeBack();
      throw error;
    }
    this.#watch.over('disk');
    const anchor = await this.#anchor(second);
    await this.#answer(waiting, ownSignatures(tree, second, anchor));
  }

  async #anchor(second: number): Promise<Uint8Array[]> {
    try {
      const anchor = await calendarAnchor(this.#calendar!, second, this.#options.authenticate);
      this.#watch.over('authenticate');
      return anchor;
    } catch (error) {
      const said = (error as Error).message;
      const zh = `日历根的密钥签名失败：${said}`;
      const en = `the key could not sign the calendar's root: ${said}`;
      this.#watch.raise({ code: 'authenticate', zh, en });
      throw new Refusal(STATUS.internal, 'service.authenticate', zh, en);
    }
  }

  /** Has a second's root signed by the service above; its signature is kept before anybody is answered. */
  async signAbove(second: number, waiting: readonly Waiting[]): Promise<void> {
    const { tree } = this.#write(second, waiting);
    let signature: Uint8Array;
    try {
      signature = await this.#options.parent!.sign(tree.root, { level: tree.level });
    } catch (error) {
      const why = upstreamRefusal(error);
      this.#watch.raise({ code: 'upstream', zh: why.zh, en: why.message });
      throw why;
    }
    const signatureOf = parentSignatures(tree, signature);
    this.#rounds.answered(second, signature);
    this.#watch.over('upstream', 'disk');
    await this.#answer(waiting, signatureOf);
  }

  async #answer(waiting: readonly Waiting[], signatureOf: (i: number) => Uint8Array): Promise<void> {
    for (let i = 0; i < waiting.length; i++) {
      if (i > 0 && i % ANSWERS_AT_ONCE === 0) await new Promise(setImmediate);
      waiting[i]!.answer(signatureOf(i));
      this.signed += 1;
    }
  }

  /** Signatures again for an imprint, from seconds `from` … `to`. */
  async reissue(hash: Uint8Array, from: number, to: number, client?: string): Promise<Uint8Array[]> {
    const out: Uint8Array[] = [];
    for await (const { tree, time, places, above } of askedAgain(this.#rounds, hash, from, to, client)) {
      if (above) out.push(...places.map(parentSignatures(tree, above)));
      else if (this.#calendar?.rootAt(time))
        out.push(...places.map(ownSignatures(tree, time, await this.#anchor(time))));
    }
    return out;
  }
}

/** What the service above failed with, by its numbers: 0x301 where it was too late, 0x300 otherwise. */
function upstreamRefusal(error: unknown): Refusal {
  if (error instanceof Refusal && (error.status === STATUS.upstream || error.status === STATUS.upstreamTimeout))
    return error;
  const { message } = error as Error;
  return new Refusal(STATUS.upstream, 'upstream', `上级服务出错：${message}`, message);
}
