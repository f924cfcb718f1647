import { createContext } from 'react';

/** The one dialog that asks for the purpose of looking at personal data. */
export interface PurposeDialog {
  /** Opens the dialog. */
  ask(): void;
}

/** Null outside the frame, where nobody is signed in. */
export const PurposeContext = createContext<PurposeDialog | null>(null);
