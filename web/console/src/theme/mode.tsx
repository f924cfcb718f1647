/** Light or dark: what the person chose, else what the system asks for. */
import { createContext, type ReactNode, useContext, useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { applyPalette, type Mode } from './tokens.ts';

export type ThemeChoice = 'system' | Mode;

interface ThemeState {
  /** What is drawn. */
  mode: Mode;
  /** What was chosen. */
  choice: ThemeChoice;
  choose(choice: ThemeChoice): void;
}

const ThemeContext = createContext<ThemeState | null>(null);
const key = 'jingwei.theme';

function stored(): ThemeChoice {
  const value = localStorage.getItem(key);
  return value === 'light' || value === 'dark' ? value : 'system';
}

/** Provides the mode to everything below and keeps the CSS variables in step with it. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const [choice, setChoice] = useState<ThemeChoice>(stored);
  const [systemDark, setSystemDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const listen = () => setSystemDark(query.matches);
    query.addEventListener('change', listen);
    return () => query.removeEventListener('change', listen);
  }, []);
  const mode: Mode = choice === 'system' ? (systemDark ? 'dark' : 'light') : choice;
  useLayoutEffect(() => applyPalette(mode), [mode]);
  const state = useMemo<ThemeState>(
    () => ({
      mode,
      choice,
      choose(next) {
        if (next === 'system') localStorage.removeItem(key);
        else localStorage.setItem(key, next);
        setChoice(next);
      },
    }),
    [mode, choice],
  );
  return <ThemeContext value={state}>{children}</ThemeContext>;
}

/** The mode in force and the way to choose another. */
export function useTheme(): ThemeState {
  const state = useContext(ThemeContext);
  if (!state) throw new Error('useTheme outside ThemeProvider');
  return state;
}
