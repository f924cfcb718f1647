import { LeftOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useId } from 'react';
import { useSpeech } from '../i18n/index.ts';

/** A page's heading (its only h1), lead sentence, actions, and the way back to the page that it belongs under. */
export function Page({
  title,
  lead,
  actions,
  back,
  children,
}: {
  title: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  back?: { to: string; label: string };
  children: ReactNode;
}) {
  return (
    <>
      <header className="page-head">
        <div>
          {back ? (
            <Link to={back.to} className="page-back">
              <LeftOutlined aria-hidden="true" /> {back.label}
            </Link>
          ) : null}
          <h1>{title}</h1>
          {lead ? <p className="page-head-lead">{lead}</p> : null}
        </div>
        {actions ? <div className="row">{actions}</div> : null}
      </header>
      {children}
    </>
  );
}

/** Names the browser's tab after a thing on the page (an enterprise, a source) instead of the page's general title. */
export function useTabTitle(name: string | undefined): void {
  const { t } = useSpeech();
  useEffect(() => {
    if (name) document.title = `${name} · ${t('common.product')}`;
  }, [name, t]);
}

/** A framed part of a page with a heading. */
export function Panel({
  title,
  extra,
  flush = false,
  children,
  id,
}: {
  title: ReactNode;
  extra?: ReactNode;
  flush?: boolean;
  children: ReactNode;
  id?: string;
}) {
  const own = useId();
  return (
    <section className="panel" aria-labelledby={`${own}-h`} id={id}>
      <div className="panel-head">
        <h2 id={`${own}-h`}>{title}</h2>
        {extra ? <div className="row small">{extra}</div> : null}
      </div>
      <div className={flush ? 'panel-body flush' : 'panel-body'}>{children}</div>
    </section>
  );
}

/** Pairs of a name and a value. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ label, wide = false, children }: { label: ReactNode; wide?: boolean; children: ReactNode }) {
  return (
    <div className={wide ? 'fact wide' : 'fact'}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A short coloured label: a state or a mark, always with its words. */
export function Label({
  tone,
  children,
  title,
}: {
  tone?: 'good' | 'warn' | 'bad' | 'info' | 'primary' | 'weft' | undefined;
  children: ReactNode;
  title?: string | undefined;
}) {
  return (
    <span className={tone ? `label ${tone}` : 'label'} title={title}>
      {children}
    </span>
  );
}
