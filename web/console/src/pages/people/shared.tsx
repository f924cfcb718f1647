/** What the pages of people and organisations share: names, what is held, delegations. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Popconfirm } from 'antd';
import type { ReactNode } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Num } from '../../components/figure.tsx';
import { Label } from '../../components/page.tsx';
import { Empty, Failure } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { mayOpen, type PageEntry, pages } from '../../pages.ts';
import { useSession } from '../../session/session.tsx';
import { useOwners } from '../exchange/shared.tsx';

export type Organisations = Answer<'/api/v1/people/organisations'>;
export type Person = Answer<'/api/v1/people/users/{id}'>;
export type Held = Person['held'][number];
export type Delegation = Person['delegations'][number];

/** The register, for administrators. */
export const organisationsQuery = {
  queryKey: ['people', 'organisations'],
  queryFn: ({ signal }: { signal: AbortSignal }) => api.get('/api/v1/people/organisations', { signal }),
};

/** Names of organisations for whoever looks: of the register for administrators, else of the catalogue. */
export function useNames(): { nameOf: (code: string | null) => string; choices: { value: string; label: string }[] } {
  const { say } = useSpeech();
  const { may } = useSession();
  const owners = useOwners();
  const register = useQuery({ ...organisationsQuery, enabled: may('users.manage') || may('roles.manage') });
  const items = register.data?.items ?? [];
  const known = new Map(items.map((o) => [o.code, say(o.name)]));
  return {
    nameOf: (code) => (code === null ? '—' : (known.get(code) ?? owners.nameOf(code))),
    choices: items.filter((o) => o.to === null).map((o) => ({ value: o.code, label: `${say(o.name)}（${o.code}）` })),
  };
}

/** The labels of roles. */
export function Roles({ of: roles, none }: { of: readonly string[]; none?: ReactNode }) {
  const { t } = useSpeech();
  if (!roles.length) return <span className="quiet">{none ?? '—'}</span>;
  return (
    <span className="row" style={{ gap: 4 }}>
      {roles.map((role) => (
        <Label key={role} tone="primary">
          {t(`frame.role.${role}`, { defaultValue: role })}
        </Label>
      ))}
    </span>
  );
}

const tones = { duty: 'warn', key: 'bad', name: undefined } as const;

/** What somebody or an organisation holds, by kind. */
export function HeldTable({ of: held, caption, empty }: { of: readonly Held[]; caption: string; empty: string }) {
  const { t, say } = useSpeech();
  const { held: permissions } = useSession();
  const opens = (path: string) => {
    const page = (pages as readonly PageEntry[]).find((p) => p.path === path);
    return page !== undefined && mayOpen(page, permissions);
  };
  return (
    <DataTable
      caption={caption}
      rows={[...held]}
      rowKey={(row) => row.kind}
      empty={<Empty title={empty} />}
      columns={[
        {
          key: 'kind',
          title: t('people.what'),
          head: true,
          render: (row) => (opens(row.page) ? <Link to={row.page as never}>{say(row.title)}</Link> : say(row.title)),
        },
        {
          key: 'weight',
          title: t('people.weight'),
          tight: true,
          render: (row) => <Label tone={tones[row.weight]}>{t(`people.weight-of.${row.weight}`)}</Label>,
        },
        {
          key: 'n',
          title: t('people.count'),
          align: 'end',
          tight: true,
          render: (row) => <Num value={row.count} exact />,
        },
        {
          key: 'examples',
          title: t('people.examples'),
          render: (row) => <span className="mono small">{row.examples.join(', ')}</span>,
        },
      ]}
    />
  );
}

/** Delegations with a way to end one. */
export function Delegations({
  of: items,
  caption,
  mayEnd,
  refresh,
}: {
  of: readonly Delegation[];
  caption: string;
  mayEnd: boolean;
  refresh: readonly string[];
}) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: (id: number) => api.post('/api/v1/people/delegations/{id}/end', { params: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: [...refresh] }),
  });
  return (
    <div className="stack-s">
      {end.isError ? <Failure error={end.error} /> : null}
      <DataTable
        caption={caption}
        rows={[...items]}
        rowKey={(row) => row.id}
        empty={<Empty title={t('people.delegation.none')} />}
        columns={[
          { key: 'role', title: t('frame.account.roles'), head: true, render: (row) => <Roles of={[row.role]} /> },
          {
            key: 'who',
            title: t('people.delegation.who'),
            render: (row) => (
              <>
                {row.ownerName} → {row.delegateName}
                <div className="small quiet mono">
                  {row.owner} → {row.delegate}
                </div>
              </>
            ),
          },
          {
            key: 'days',
            title: t('people.days'),
            tight: true,
            render: (row) => (
              <span className="num">
                {day(row.from)} – {day(row.to)}
              </span>
            ),
          },
          { key: 'reason', title: t('common.reason'), render: (row) => row.reason },
          {
            key: 'state',
            title: t('exchange.state'),
            tight: true,
            render: (row) => (
              <Label
                tone={row.state === 'running' ? (row.counts ? 'good' : 'warn') : undefined}
                title={row.counts ? undefined : t('people.delegation.not-counting')}
              >
                {row.counts ? t(`people.delegation.state.${row.state}`) : t('people.delegation.rests')}
              </Label>
            ),
          },
          {
            key: 'act',
            title: <span className="visually-hidden">{t('people.acts')}</span>,
            tight: true,
            render: (row) =>
              mayEnd && row.state !== 'over' ? (
                <Popconfirm
                  title={t('people.delegation.end-sure')}
                  okText={t('people.delegation.end')}
                  cancelText={t('common.cancel')}
                  onConfirm={() => end.mutate(row.id)}
                >
                  <Button size="small" loading={end.isPending}>
                    {t('people.delegation.end')}
                  </Button>
                </Popconfirm>
              ) : null,
          },
        ]}
      />
    </div>
  );
}
