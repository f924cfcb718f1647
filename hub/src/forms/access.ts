/** Who may do what with a form: by organisation and permission. */
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { notYours } from './problems.ts';

/** What somebody may do with forms of an organisation. `handle`: check, accept, return, settle. */
export interface May {
  /** Sees the form itself. */
  see: boolean;
  design: boolean;
  fill: boolean;
  /** Sees all records of the organisation; without it only own ones. */
  read: boolean;
  handle: boolean;
}

/** Somebody's rights over the forms of an organisation. Who belongs to none sees forms and counts, never a record. */
export function mayOf(p: Principal, organisation: string): May {
  const own = p.organisation === organisation;
  const has = (permission: 'forms.design' | 'forms.fill' | 'forms.read') => own && p.permissions.has(permission);
  const [design, fill, read] = [has('forms.design'), has('forms.fill'), has('forms.read')];
  const over = p.organisation === null && p.permissions.has('forms.read');
  return { see: design || fill || read || over, design, fill, read, handle: read && fill };
}

/** Refuses whose rights do not hold. */
export function must(ok: boolean): void {
  if (!ok) throw new Problem(notYours);
}
