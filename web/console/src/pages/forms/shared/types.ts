/**
 * Answers of the hub's routes of forms. Designs and values are documents of the form's own shape, which OpenAPI can only call objects: their types
 * come from the hub's pure part; the rest is what the OpenAPI document says.
 */
import type { Bilingual } from '../../../api/client.ts';
import type { Design, Fault, Values, Words } from './pure.ts';

export interface Named {
  id: string;
  name: Bilingual;
}
export interface Person {
  login: string;
  name: string;
}
export type FormState = 'draft' | 'published' | 'retired';
export type RecordState = 'draft' | 'submitted' | 'checked' | 'accepted' | 'returned' | 'withdrawn';
export type StepName = 'submit' | 'check' | 'accept' | 'return' | 'withdraw' | 'reopen';

export interface FormItem {
  id: number;
  name: string;
  organisation: Named;
  title: Words;
  state: FormState;
  version: number | null;
  draft: boolean;
  records: { total: number; mine: number; waiting: number; accepted: number; conflicts: number };
  source: string | null;
  updatedAt: string;
}
export interface VersionItem {
  version: number;
  state: FormState;
  publishedAt: string | null;
  publishedBy: string | null;
  retiredAt: string | null;
  old: 'keep' | 'carry' | null;
  note: string | null;
  records: number;
}
export interface FormDetail extends FormItem {
  versions: VersionItem[];
  design: Design | null;
  draftDesign: Design | null;
  revision: number;
  may: { design: boolean; fill: boolean; handle: boolean; read: boolean };
}
export interface VersionDetail extends VersionItem {
  design: Design;
}
export interface Effects {
  added: string[];
  removed: string[];
  changed: string[];
  open: number;
  settled: number;
  faults: Fault[];
}
export interface Found {
  items: { id: string; title: string; detail: string; code: string | null }[];
  available: boolean;
}

export interface RecordItem {
  id: string;
  version: number;
  state: RecordState;
  stateTitle: Bilingual;
  caption: string;
  listed: Values;
  filledBy: Person;
  collectedAt: string | null;
  receivedAt: string;
  updatedAt: string;
  revision: number;
  conflicts: number;
  due: string | null;
  overdue: boolean;
  task: number | null;
}
export interface ConflictItem {
  seq: number;
  by: Person;
  at: string;
  receivedAt: string;
  base: number;
  values: Values;
}
export interface RecordDetail extends RecordItem {
  form: number;
  design: Design;
  values: Values;
  faults: Fault[];
  comments: { id: number; by: Person; at: string; text: string }[];
  conflictList: ConflictItem[];
  may: { change: boolean; steps: StepName[]; settle: boolean };
  withdrawnReason: string | null;
  source: { id: string; state: 'none' | 'waiting' | 'collected' | 'failed'; run: number | null } | null;
}
export interface HistoryItem {
  seq: number;
  revision: number;
  action: string;
  title: Bilingual;
  by: Person;
  at: string;
  deviceAt: string | null;
  device: string | null;
  from: RecordState | null;
  to: RecordState | null;
  reason: string | null;
  version: number;
  changes: { field: string; before?: unknown; after?: unknown }[];
}

export interface CellFault {
  row: number;
  cell: string;
  code: string;
  zh: string;
  en: string;
  value: string;
}
export interface ImportAnswer {
  id: string;
  name: string;
  state: 'checked' | 'applied' | 'refused';
  sheet: string;
  rows: number;
  good: number;
  bad: number;
  applied: number;
  columns: { cell: string; header: string; field: string | null }[];
  faults: CellFault[];
  faultsTotal: number;
  preview: { row: number; values: Values; good: boolean }[];
  at: string;
}

export interface TaskItem {
  id: number;
  form: number;
  formTitle: Words;
  title: Words;
  note: string | null;
  state: 'open' | 'closed';
  due: string | null;
  overdue: boolean;
  createdAt: string;
  by: Person;
  targets: number;
  done: number;
  mine: number;
  mineDone: number;
}
export interface TargetItem {
  id: number;
  title: string;
  division: string | null;
  relation: { to: string; id: string } | null;
  values: Values;
  assignee: Person | null;
  record: { id: string; state: RecordState } | null;
}
export interface TaskDetail extends TaskItem {
  items: TargetItem[];
  total: number;
  progress: { assignee: Person; targets: number; done: number }[];
}
export interface Desk {
  tasks: TaskItem[];
  waiting: { handle: number; mend: number; drafts: number; conflicts: number; overdue: number };
}

export interface SyncAnswer {
  receivedAt: string;
  results: {
    key: string;
    record: string;
    outcome: 'applied' | 'conflict' | 'kept' | 'waiting' | 'refused';
    revision: number | null;
    state: RecordState | null;
    code: string | null;
    message: Bilingual | null;
    faults: Fault[];
    again: boolean;
  }[];
}
export interface PulledRecord {
  id: string;
  form: number;
  version: number;
  revision: number;
  state: RecordState;
  caption: string;
  values: Values;
  updatedAt: string;
  reason: string | null;
}
export interface Pull {
  cursor: number;
  more: boolean;
  forms: { id: number; version: number; title: Words; design: Design; organisation: Named }[];
  tasks: (TaskItem & { items: TargetItem[] })[];
  records: PulledRecord[];
}
