/**
 * Who was signed in on this phone when the hub was last reached: without a network the collect pages open for that person, for so many days, and for
 * nobody else. Signing out forgets it; the hub decides anew as soon as it can be reached.
 */
import type { Me } from '../api/types.ts';

const KEY = 'jingwei.collect.me';
const LONGEST = 14 * 86_400_000;

interface Remembered {
  at: number;
  me: Me;
}

/** Kept when the hub says who is signed in, for those who fill in forms or work in the field; anybody else ends it. */
export function remember(me: Me, now = Date.now()): void {
  const works = me.permissions.includes('forms.fill') || me.permissions.includes('event.handle');
  if (!works || me.mustChangePassword) {
    forget();
    return;
  }
  // A purpose is stated for a session on the hub, not for a phone without a network.
  localStorage.setItem(KEY, JSON.stringify({ at: now, me: { ...me, purpose: null } } satisfies Remembered));
}

/** Whoever may go on without a network; null: nobody, or too long ago. */
export function remembered(now = Date.now()): Me | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Remembered | null;
    return kept && now - kept.at < LONGEST && now >= kept.at - 86_400_000 ? kept.me : null;
  } catch {
    return null;
  }
}

/** Signed out: without a network these pages open for nobody. */
export function forget(): void {
  localStorage.removeItem(KEY);
}

/** Pages that work without a network. */
export const isCollectPath = (path: string): boolean => /^\/(?:collect|field)(?:\/|$)/.test(path);
