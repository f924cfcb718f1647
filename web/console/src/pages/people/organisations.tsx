/** The register of organisations and the acts on them: proposed by the system administrator, confirmed by the security administrator. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { Num } from '../../components/figure.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { ActDialog } from './act-dialog.tsx';
import { ActEffects } from './act-effects.tsx';
import { type Organisations, organisationsQuery, useNames } from './shared.tsx';

export type Act = Organisations['acts'][number];
const tones = { proposed: 'info', confirmed: 'warn', done: 'good', withdrawn: undefined } as const;

export default function OrganisationsPage() {
  const { t } = useSpeech();
  const { may } = useSession();
  const [acting, setActing] = useState(false);
  const view = useQuery(organisationsQuery);
  return (
    <Page
      title={t('titles.people-organisations')}
      lead={t('people.org.lead')}
      actions={
        may('users.manage') ? (
          <Button type="primary" onClick={() => setActing(true)}>
            {t('people.org.propose')}
          </Button>
        ) : null
      }
    >
      <Loaded query={view}>
        {(data) => (
          <div className="stack">
            <Panel title={t('people.org.acts')} flush={data.acts.length > 0}>
              <Acts of={data.acts} />
            </Panel>
            <Panel title={t('people.org.register')} flush>
              <Register of={data.items} />
            </Panel>
          </div>
        )}
      </Loaded>
      {acting ? <ActDialog onClose={() => setActing(false)} /> : null}
    </Page>
  );
}

/** Acts with what each does in words, and a way to look at its effects. */
export function Acts({ of: acts }: { of: readonly Act[] }) {
  const { t, say } = useSpeech();
  const { nameOf } = useNames();
  const [looking, setLooking] = useState<Act | null>(null);
  const names = (codes: readonly string[]) => codes.map((c) => nameOf(c)).join('、');
  const words = (a: Act): string => {
    switch (a.kind) {
      case 'found':
        return names(a.founds);
      case 'rename':
        return `${names(a.organisations)} → ${a.name ? say(a.name) : ''}`;
      default:
        return `${names(a.organisations)} → ${a.heir ? nameOf(a.heir) : names(a.founds) || t('people.org.nobody')}`;
    }
  };
  return (
    <>
      <DataTable
        caption={t('people.org.acts')}
        rows={[...acts]}
        rowKey={(row) => row.id}
        empty={<Empty title={t('people.org.no-acts')}>{t('people.org.no-acts-text')}</Empty>}
        columns={[
          { key: 'day', title: t('people.org.day'), head: true, tight: true, render: (row) => day(row.day) },
          {
            key: 'kind',
            title: t('people.org.kind'),
            tight: true,
            render: (row) => t(`people.org.kind-of.${row.kind}`),
          },
          {
            key: 'what',
            title: t('people.what'),
            render: (row) => (
              <>
                {words(row)}
                <div className="small quiet">{row.ground}</div>
                {row.fault ? <div className="small bad-text">{say(row.fault.title)}</div> : null}
              </>
            ),
          },
          {
            key: 'state',
            title: t('exchange.state'),
            tight: true,
            render: (row) => (
              <>
                <Label tone={row.fault ? 'bad' : tones[row.state]}>{t(`people.org.state.${row.state}`)}</Label>
                <div className="small quiet mono">{[row.proposedBy, row.confirmedBy].filter(Boolean).join(' / ')}</div>
              </>
            ),
          },
          {
            key: 'act',
            title: <span className="visually-hidden">{t('people.acts')}</span>,
            tight: true,
            render: (row) => (
              <button type="button" className="link-button" onClick={() => setLooking(row)}>
                {t('people.org.effects')}
              </button>
            ),
          },
        ]}
      />
      {looking ? <ActEffects of={looking} title={words(looking)} onClose={() => setLooking(null)} /> : null}
    </>
  );
}

function Register({ of: items }: { of: Organisations['items'] }) {
  const { t, say } = useSpeech();
  const { nameOf } = useNames();
  return (
    <DataTable
      caption={t('people.org.register')}
      rows={items}
      rowKey={(row) => row.code}
      columns={[
        {
          key: 'name',
          title: t('frame.account.organisation'),
          head: true,
          render: (row) => (
            <>
              <Link to="/system/organisations/$code" params={{ code: row.code }}>
                {say(row.name)}
              </Link>
              <div className="small quiet mono">{row.code}</div>
            </>
          ),
        },
        {
          key: 'uscc',
          title: t('people.org.uscc'),
          render: (row) => <span className="mono small">{row.uscc ?? '—'}</span>,
        },
        {
          key: 'state',
          title: t('exchange.state'),
          render: (row) =>
            row.to === null ? (
              <Label tone="good">{t('people.org.alive')}</Label>
            ) : (
              <>
                <Label>{t('people.org.ended', { day: day(row.to) })}</Label>
                <div className="small quiet">→ {row.heir ? nameOf(row.heir) : t('people.org.nobody')}</div>
              </>
            ),
        },
        {
          key: 'people',
          title: t('people.org.people'),
          align: 'end',
          tight: true,
          render: (row) => <Num value={row.people} exact />,
        },
      ]}
    />
  );
}
