/** The frame around every page: ribbon, top bar, navigation by permissions; the sign-in page when nobody is signed in. */
import { MenuOutlined } from '@ant-design/icons';
import { Link, useLocation } from '@tanstack/react-router';
import { Button, Drawer } from 'antd';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Me } from '../api/types.ts';
import { Mark } from '../components/mark.tsx';
import { Failure, Skeleton } from '../components/states.tsx';
import { useSpeech } from '../i18n/index.ts';
import { mayOpen, type PageEntry, pages, startPage } from '../pages.ts';
import { PurposeProvider } from '../session/purpose.tsx';
import { SessionProvider, useMe, useSession } from '../session/session.tsx';
import { Bell } from './bell.tsx';
import { CityName } from './city.tsx';
import { Find } from './find.tsx';
import { LightFrame } from './light.tsx';
import { Navigation } from './navigation.tsx';
import { Forbidden } from './not-found.tsx';
import { PasswordChange, SignIn } from './sign-in.tsx';
import { Standing } from './standing.tsx';
import { LanguageSwitch, ThemeSwitch, UserMenu } from './tools.tsx';

export function Frame({ children }: { children: ReactNode }) {
  const me = useMe();
  const here = pageAt(useLocation().pathname);
  // What everybody may see needs nobody's account, and not even a service that can tell who is signed in.
  const nobody = me.isError || me.data === null || me.data?.mustChangePassword === true;
  if (here?.public && nobody) return <LightFrame title={here.title}>{children}</LightFrame>;
  if (me.isError) {
    return (
      <main style={{ maxWidth: 640, margin: '20vh auto', padding: 20 }}>
        <Failure error={me.error} retry={() => void me.refetch()} />
      </main>
    );
  }
  if (me.data === undefined) {
    return (
      <main style={{ maxWidth: 640, margin: '20vh auto', padding: 20 }}>
        <Skeleton rows={4} />
      </main>
    );
  }
  if (me.data === null) return <SignIn />;
  if (me.data.mustChangePassword) return <PasswordChange me={me.data} />;
  return (
    <SessionProvider me={me.data}>
      <PurposeProvider>
        <Inside me={me.data}>{children}</Inside>
      </PurposeProvider>
    </SessionProvider>
  );
}

/** The entry of the table that a path belongs to. */
export function pageAt(path: string): PageEntry | undefined {
  const wanted = path.split('/').filter(Boolean);
  return pages.find((page) => {
    const parts = page.path.split('/').filter(Boolean);
    return parts.length === wanted.length && parts.every((part, i) => part.startsWith('$') || part === wanted[i]);
  });
}

function Inside({ me, children }: { me: Me; children: ReactNode }) {
  const { t } = useSpeech();
  const { held, may } = useSession();
  const location = useLocation();
  const [drawer, setDrawer] = useState(false);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const page = pageAt(location.pathname);

  useEffect(() => {
    document.title = `${t(`titles.${page?.title ?? 'not-found'}`)} · ${t('common.product')}`;
    setDrawer(false);
    // After a change of page the keyboard and the reader start at the new page, not at the link that led to it.
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [page, t]);

  const home = startPage(held);
  const redirect = page?.path === '/' && !mayOpen(page, held);
  return (
    <div className="frame">
      <a className="skip" href="#main">
        {t('frame.skip')}
      </a>
      {me.demo ? (
        <aside className="frame-ribbon" aria-label={t('frame.demo-label')}>
          {t('frame.demo')}
        </aside>
      ) : (
        <div />
      )}
      <header className="frame-top">
        <Button
          className="only-narrow"
          type="text"
          icon={<MenuOutlined />}
          aria-label={t('frame.open-navigation')}
          onClick={() => setDrawer(true)}
        />
        <Link to={home} className="brand">
          <Mark />
          <span className="brand-name">{t('common.name')}</span>
          <CityName />
          <span className="visually-hidden">{t('frame.home')}</span>
        </Link>
        <div className="frame-find">{may('credit.search') ? <Find /> : null}</div>
        <div className="frame-tools">
          <span className="only-wide row" style={{ gap: 4 }}>
            <LanguageSwitch />
            <ThemeSwitch />
          </span>
          <Bell />
          <UserMenu />
        </div>
      </header>
      <nav className="frame-side" aria-label={t('frame.navigation')}>
        <Navigation />
      </nav>
      <Drawer
        open={drawer}
        onClose={() => setDrawer(false)}
        placement="left"
        size={272}
        title={t('frame.navigation')}
        styles={{ body: { padding: 12 } }}
      >
        <Navigation />
        <div className="row" style={{ padding: '8px 12px' }}>
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
      </Drawer>
      <main className="frame-main" id="main" ref={main} tabIndex={-1}>
        <Standing />
        {redirect ? <Elsewhere to={home} /> : page && !mayOpen(page, held) ? <Forbidden /> : children}
      </main>
    </div>
  );
}

/** The start page is not for everyone: an administrator starts where their work is. */
function Elsewhere({ to }: { to: string }) {
  const { t } = useSpeech();
  const location = useLocation();
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (location.pathname === '/') link.current?.click();
  }, [location.pathname]);
  return (
    <Link ref={link} to={to} replace>
      {t('frame.home')}
    </Link>
  );
}
