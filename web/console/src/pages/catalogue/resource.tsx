/** One resource with its national metadata, its items and the versions of its declaration. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import type { ResourceDetail } from '../../api/types.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash, Instant } from '../../components/value.tsx';
import { unitText } from '../../format/units.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { LevelLabel, ProtectionLabel, SharingLabel } from './resources.tsx';

export default function Resource() {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const { resource: id } = useParams({ strict: false }) as { resource: string };
  const resource = useQuery({
    queryKey: ['catalogue', 'resource', id],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/resources/{id}', { params: { id }, signal }),
    staleTime: 60_000,
  });
  useTabTitle(resource.data ? say(resource.data.title) : undefined);
  return (
    <Loaded query={resource} heading={t('titles.resource')}>
      {(data) => (
        <Page
          title={say(data.title)}
          back={{ to: '/catalogue/resources', label: t('titles.resources') }}
          lead={
            <span className="row">
              <LevelLabel level={data.level} />
              <SharingLabel type={data.sharing.type} />
              <span>{say(data.owner.name)}</span>
              <span className="mono quiet">{data.code}</span>
            </span>
          }
          actions={
            may('exchange.read') ? (
              <Link to="/exchange/sources/$source" params={{ source: data.id } as never}>
                {t('catalogue.as-source')}
              </Link>
            ) : null
          }
        >
          <div className="stack">
            {data.unavailable ? (
              <p className="note warn">
                {say(data.unavailable.reason)} · {t('exchange.expected')} {data.unavailable.expected}
              </p>
            ) : null}
            <Panel
              title={t('catalogue.metadata')}
              extra={<span className="quiet">{t('catalogue.metadata-note')}</span>}
            >
              <Metadata resource={data} />
            </Panel>
            <Panel title={t('catalogue.items-n', { n: data.items.length })} flush>
              <Items resource={data} />
            </Panel>
            {data.relations.length ? (
              <Panel title={t('catalogue.relations')}>
                <ul className="stack-s">
                  {data.relations.map((relation) => (
                    <li key={JSON.stringify(relation)} className="row">
                      <Label tone="primary">{t(`terms.relation.${relation.kind}`)}</Label>
                      {Object.entries(relation)
                        .filter(([key]) => key !== 'kind')
                        .map(([key, field]) => (
                          <span key={key} className="small">
                            <span className="quiet">{t(`catalogue.relation.${key}`)}</span>{' '}
                            <span className="mono">{field}</span>
                          </span>
                        ))}
                    </li>
                  ))}
                </ul>
              </Panel>
            ) : null}
            <Panel title={t('catalogue.versions')} flush>
              <DataTable
                caption={t('catalogue.versions')}
                rows={[...data.versions].sort((a, b) => b.version - a.version)}
                rowKey={(row) => row.version}
                columns={[
                  {
                    key: 'version',
                    title: t('catalogue.version'),
                    head: true,
                    tight: true,
                    render: (row) => row.version,
                  },
                  {
                    key: 'recorded',
                    title: t('catalogue.recorded'),
                    tight: true,
                    render: (row) => <Instant at={row.recorded} />,
                  },
                  { key: 'sha256', title: 'SHA-256', render: (row) => <Hash value={row.sha256} /> },
                ]}
              />
            </Panel>
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function Metadata({ resource }: { resource: ResourceDetail }) {
  const { language } = useSpeech();
  return (
    <Facts>
      {resource.metadata.map((element) => (
        <Fact
          key={element.name}
          label={language === 'zh' ? element.name : `${element.en} ${element.name}`}
          wide={(element.value?.length ?? 0) > 60}
        >
          {element.value ?? <span className="quiet">—</span>}
        </Fact>
      ))}
    </Facts>
  );
}

function Items({ resource }: { resource: ResourceDetail }) {
  const { t, say, language } = useSpeech();
  return (
    <DataTable
      caption={t('catalogue.items-n', { n: resource.items.length })}
      rows={resource.items}
      rowKey={(row) => row.name}
      columns={[
        { key: 'position', title: '#', align: 'end', render: (row) => row.position },
        {
          key: 'title',
          title: t('exchange.field.title'),
          head: true,
          render: (row) => (
            <>
              {say(row.title)} {row.key ? <Label tone="primary">{t('catalogue.key')}</Label> : null}
              <div className="small quiet mono">{row.name}</div>
            </>
          ),
        },
        {
          key: 'type',
          title: t('catalogue.type'),
          render: (row) => (
            <span className="nowrap">
              {t(`terms.type.${row.type}`)} <span className="quiet">（{row.nationalType}）</span>
              {row.format ? <div className="small quiet">{t(`terms.format.${row.format}`)}</div> : null}
            </span>
          ),
        },
        {
          key: 'unit',
          title: t('catalogue.unit'),
          tight: true,
          render: (row) => (row.unit ? unitText(row.unit, language) : <span className="quiet">—</span>),
        },
        {
          key: 'required',
          title: t('exchange.field.required'),
          tight: true,
          render: (row) => (row.required ? t('common.yes') : <span className="quiet">{t('common.no')}</span>),
        },
        {
          key: 'protection',
          title: t('exchange.field.protection'),
          tight: true,
          render: (row) => <ProtectionLabel protection={row.protection} />,
        },
        {
          key: 'codes',
          title: t('catalogue.codes'),
          render: (row) =>
            row.codes ? (
              <details>
                <summary>{t('catalogue.codes-n', { n: Object.keys(row.codes).length })}</summary>
                <ul className="small">
                  {Object.entries(row.codes).map(([code, meaning]) => (
                    <li key={code}>
                      <span className="mono">{code}</span> {meaning}
                    </li>
                  ))}
                </ul>
              </details>
            ) : (
              <span className="quiet">—</span>
            ),
        },
        {
          key: 'use',
          title: t('catalogue.use'),
          render: (row) => (
            <span className="row" style={{ gap: 4 }}>
              {row.golden ? (
                <Label tone="good">{t('catalogue.golden', { attribute: t(`terms.attribute.${row.golden}`) })}</Label>
              ) : null}
              {row.role ? <Label tone="info">{t(`catalogue.role.${row.role}`)}</Label> : null}
              {row.fact ? <Label>{t(`catalogue.fact.${row.fact}`)}</Label> : null}
            </span>
          ),
        },
      ]}
    />
  );
}
