/** Names of the sections (门类) of GB/T 4754. */
import { industryAt } from '@jingwei/codes';

/** Chinese name of a section letter, or null. */
export const sectionTitle = (letter: string): string | null => industryAt(letter)?.name ?? null;
