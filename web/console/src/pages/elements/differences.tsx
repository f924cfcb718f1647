/** Where fields of sources differ from their elements. */
import { Link } from '@tanstack/react-router';
import type { Answer } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';

type Difference = Answer<'/api/v1/elements/differences'>['items'][number];

export function Differences({ items, element }: { items: readonly Difference[]; element: boolean }) {
  const { t, say } = useSpeech();
  return (
    <DataTable
      caption={t('elements.differences')}
      rows={items}
      rowKey={(d) => `${d.kind} ${d.source} ${d.field}`}
      empty={<Empty title={t('elements.no-differences')}>{t('elements.no-differences-text')}</Empty>}
      columns={[
        {
          key: 'source',
          head: true,
          title: t('elements.source'),
          render: (d) => (
            <>
              <Link to="/catalogue/resources/$resource" params={{ resource: d.source } as never}>
                {say(d.sourceTitle)}
              </Link>
              <p className="small">
                {say(d.fieldTitle)} <code className="quiet">{d.field}</code>
              </p>
            </>
          ),
        },
        ...(element
          ? [
              {
                key: 'element',
                title: t('elements.element'),
                render: (d: Difference) => (
                  <Link to="/elements/$element" params={{ element: d.element } as never}>
                    {say(d.elementTitle)}
                  </Link>
                ),
              },
            ]
          : []),
        {
          key: 'kind',
          title: t('elements.kind'),
          render: (d) => (
            <Label tone={d.kind === 'unreferred' ? 'info' : 'warn'}>{t(`elements.differs-${d.kind}`)}</Label>
          ),
        },
        { key: 'expected', title: t('elements.expected'), render: (d) => <code>{d.expected}</code> },
        { key: 'found', title: t('elements.found'), render: (d) => <code>{d.found}</code> },
      ]}
    />
  );
}
