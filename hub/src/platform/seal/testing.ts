/** For tests of rooms: seals that are only noted. */
import type { SealPort, SealSubject } from './port.ts';

/** Notes what is asked for, in order; nothing is ever signed. */
export class NotedSeals implements SealPort {
  readonly asked: SealSubject[] = [];

  async request(subject: SealSubject): Promise<number> {
    return this.asked.push(subject);
  }
  async requestAll(subjects: readonly SealSubject[]): Promise<void> {
    this.asked.push(...subjects);
  }
  async known(kind: SealSubject['kind'], subjects: readonly string[]): Promise<Set<string>> {
    const asked = this.asked.filter((s) => s.kind === kind).map((s) => s.subject);
    return new Set(subjects.filter((s) => asked.includes(s)));
  }
  async get(): Promise<undefined> {
    return undefined;
  }
  of: SealPort['of'] = async () => [];
  sealed = this.#never;
  proofOf: SealPort['proofOf'] = this.#never;
  sign = this.#never;
  anchors = this.#never;

  get #never(): () => Promise<never> {
    return () => Promise.reject(new Error('these seals are only noted'));
  }
}
