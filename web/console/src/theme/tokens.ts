/**
 * The console's colours, in light and in dark. Green is mise (秘色), the celadon of the Yue kilns; ochre is its clay: warp
 * and weft of the mark. Every text colour keeps at least 4.5:1 on the surfaces that it is used on (WCAG 2.2 AA).
 */
import { theme as antdTheme, type ThemeConfig } from 'antd';

export type Mode = 'light' | 'dark';

/** The palette of one mode; each name becomes the CSS variable `--jw-<name>`. */
export interface Palette {
  paper: string;
  surface: string;
  sunken: string;
  ink: string;
  ink2: string;
  ink3: string;
  line: string;
  'line-strong': string;
  primary: string;
  'primary-soft': string;
  'primary-ink': string;
  weft: string;
  'weft-soft': string;
  good: string;
  'good-soft': string;
  warn: string;
  'warn-soft': string;
  bad: string;
  'bad-soft': string;
  info: string;
  'info-soft': string;
  mark: string;
}

export const palettes: Record<Mode, Palette> = {
  light: {
    paper: '#f3f5f2',
    surface: '#ffffff',
    sunken: '#f7f9f7',
    ink: '#16211e',
    ink2: '#44524e',
    ink3: '#5c6965',
    line: '#e0e6e2',
    'line-strong': '#c3cec9',
    primary: '#17695c',
    'primary-soft': '#e3f0ec',
    'primary-ink': '#ffffff',
    weft: '#a44b22',
    'weft-soft': '#f9ebe3',
    good: '#24703a',
    'good-soft': '#e5f3e7',
    warn: '#855300',
    'warn-soft': '#fcf1d8',
    bad: '#b3261e',
    'bad-soft': '#fbe9e7',
    info: '#27598f',
    'info-soft': '#e6eff8',
    mark: '#ffe9a8',
  },
  dark: {
    paper: '#0f1514',
    surface: '#161e1c',
    sunken: '#121918',
    ink: '#e7eeeb',
    ink2: '#b4c1bc',
    ink3: '#93a29c',
    line: '#27322f',
    'line-strong': '#3a4844',
    primary: '#5fc0ac',
    'primary-soft': '#173530',
    'primary-ink': '#05211b',
    weft: '#e39a6c',
    'weft-soft': '#3a261b',
    good: '#7cc98d',
    'good-soft': '#1a3321',
    warn: '#e5b455',
    'warn-soft': '#382b10',
    bad: '#f08e85',
    'bad-soft': '#40201d',
    info: '#8db8e8',
    'info-soft': '#1b2c40',
    mark: '#5d4c12',
  },
};

/** Colours of series in charts and of departments in the flow; told apart by eyes that do not tell red from green. */
export const seriesColours: Record<Mode, string[]> = {
  light: ['#17695c', '#a44b22', '#27598f', '#8a6d00', '#7a3d74', '#4e7d2c', '#8c3b4a', '#3f6f86', '#6b5a43', '#5b55a0'],
  dark: ['#5fc0ac', '#e39a6c', '#8db8e8', '#d9bd5a', '#c897c2', '#a3cf7d', '#e196a4', '#86bcd2', '#bfae92', '#aaa5e8'],
};

export const fontFamily =
  '"PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", system-ui, -apple-system, "Segoe UI", sans-serif';

/** Sets the palette as CSS variables on the document. */
export function applyPalette(mode: Mode): void {
  const root = document.documentElement;
  for (const [name, value] of Object.entries(palettes[mode])) root.style.setProperty(`--jw-${name}`, value);
  root.dataset.theme = mode;
  root.style.colorScheme = mode;
  root.style.background = palettes[mode].paper;
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', palettes[mode].paper);
}

/** What antd draws with. */
export function antdThemeOf(mode: Mode): ThemeConfig {
  const p = palettes[mode];
  return {
    algorithm: mode === 'dark' ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
    cssVar: { key: 'jw' },
    token: {
      colorPrimary: p.primary,
      colorSuccess: p.good,
      colorWarning: p.warn,
      colorError: p.bad,
      colorInfo: p.info,
      colorLink: p.primary,
      colorText: p.ink,
      colorTextSecondary: p.ink2,
      colorTextTertiary: p.ink3,
      colorTextDescription: p.ink3,
      colorTextPlaceholder: p.ink3,
      colorBgLayout: p.paper,
      colorBgContainer: p.surface,
      colorBgElevated: mode === 'dark' ? '#1c2624' : '#ffffff',
      colorBorder: p['line-strong'],
      colorBorderSecondary: p.line,
      borderRadius: 4,
      borderRadiusLG: 6,
      fontFamily,
      fontSize: 14,
      controlHeight: 34,
      wireframe: false,
      motionDurationSlow: '0.16s',
      motionDurationMid: '0.12s',
      motionDurationFast: '0.06s',
    },
    components: {
      Button: {
        primaryShadow: 'none',
        defaultShadow: 'none',
        dangerShadow: 'none',
        primaryColor: p['primary-ink'],
        dangerColor: p['primary-ink'],
      },
      Table: {
        headerBg: p.sunken,
        headerColor: p.ink2,
        headerSplitColor: 'transparent',
        rowHoverBg: p['primary-soft'],
        cellPaddingBlockSM: 7,
        borderColor: p.line,
      },
      Tabs: { horizontalItemPadding: '10px 0', titleFontSize: 14 },
      Tag: { defaultBg: p.sunken, defaultColor: p.ink2 },
      Segmented: { trackBg: p.line, itemSelectedBg: p.surface },
      Tooltip: { colorBgSpotlight: mode === 'dark' ? '#2b3835' : '#1f2c29' },
    },
  };
}
