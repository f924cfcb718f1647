/** What looking into a file found, by the check that it belongs to. */
import type { Bilingual } from '../../platform/i18n/index.ts';

/** Checks that look into single files. */
export type FileCheck = 'A04' | 'U01' | 'U02' | 'U03' | 'U04' | 'S01' | 'S02' | 'S03' | 'S04' | 'S06' | 'S07';

/** One finding about one file. */
export interface Finding {
  check: FileCheck;
  sentence: Bilingual;
  /** Where the check itself would be severe, this finding is not. */
  mild?: boolean;
}

/** Makes a finding. */
export const finding = (check: FileCheck, zh: string, en: string, mild = false): Finding => ({
  check,
  sentence: { zh, en },
  ...(mild ? { mild } : {}),
});
