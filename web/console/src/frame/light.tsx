/** The frame of pages that need no account: the name, the public pages, language and theme, and the way to sign in. */
import { Link, useLocation } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { Mark } from '../components/mark.tsx';
import { useSpeech } from '../i18n/index.ts';
import { type PageEntry, pages } from '../pages.ts';
import { CityName } from './city.tsx';
import { LanguageSwitch, ThemeSwitch } from './tools.tsx';

const open = (pages as readonly PageEntry[]).filter((page) => page.public && !page.path.includes('$'));
// Verifying comes first: that is what somebody without an account is here for.
const order = [...open.filter((page) => page.path === '/verify'), ...open.filter((page) => page.path !== '/verify')];

/** `title` is the key of the page's title. */
export function LightFrame({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useSpeech();
  const { pathname } = useLocation();
  useEffect(() => {
    document.title = `${t(`titles.${title}`)} · ${t('common.product')}`;
  }, [title, t]);
  return (
    <div className="light">
      <a className="skip" href="#main">
        {t('frame.skip')}
      </a>
      <header className="frame-top">
        <Link to="/verify" className="brand">
          <Mark />
          <span className="brand-name">{t('common.name')}</span>
          <CityName />
        </Link>
        <nav className="light-nav" aria-label={t('frame.navigation')}>
          {order.map((page) => (
            <Link
              key={page.path}
              to={page.path}
              activeOptions={{ exact: true }}
              className="light-link"
              {...(pathname === page.path ? { 'aria-current': 'page' as const } : {})}
            >
              {t(`titles.${page.title}`)}
            </Link>
          ))}
        </nav>
        <div className="frame-tools">
          <LanguageSwitch />
          <ThemeSwitch />
          <Link to="/" className="light-link">
            {t('titles.sign-in')}
          </Link>
        </div>
      </header>
      <main className="frame-main" id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
