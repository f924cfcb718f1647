/** A dense table of records: real table markup, numbers at the end, its own scroll region that the keyboard reaches. */
import { Pagination } from 'antd';
import type { Key, ReactNode } from 'react';
import { useSpeech } from '../i18n/index.ts';

export interface Column<T> {
  key: string;
  title: ReactNode;
  render: (row: T, index: number) => ReactNode;
  /** Numbers stand at the end. */
  align?: 'end' | 'middle';
  /** As narrow as its content. */
  tight?: boolean;
  /** The cell names the row. */
  head?: boolean;
}

export function DataTable<T>({
  caption,
  columns,
  rows,
  rowKey,
  chosen,
  empty,
}: {
  /** What the table holds, for those who do not see it. */
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T, index: number) => Key;
  chosen?: (row: T) => boolean;
  empty?: ReactNode;
}) {
  if (rows.length === 0 && empty) return <>{empty}</>;
  const className = (column: Column<T>) => [column.align, column.tight ? 'tight' : ''].filter(Boolean).join(' ');
  return (
    // biome-ignore lint/a11y: a named group, since a landmark for every table would drown the page; a region that scrolls must be reachable by keyboard (WCAG 2.1.1).
    <div className="table-wrap" role="group" tabIndex={0} aria-label={caption}>
      <table className="data">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={className(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={rowKey(row, index)} className={chosen?.(row) ? 'chosen' : undefined}>
              {columns.map((column) =>
                column.head ? (
                  <th key={column.key} scope="row" className={className(column)}>
                    {column.render(row, index)}
                  </th>
                ) : (
                  <td key={column.key} className={className(column)}>
                    {column.render(row, index)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Pages through a list whose place is in the URL. */
export function Pager({
  offset,
  limit,
  total,
  onOffset,
}: {
  offset: number;
  limit: number;
  total: number;
  onOffset: (offset: number) => void;
}) {
  const { t } = useSpeech();
  if (total <= limit && offset === 0) {
    return <p className="small quiet">{t('common.total', { n: total.toLocaleString('en-US') })}</p>;
  }
  return (
    <nav className="row spread" aria-label={t('common.pages')}>
      <span className="small quiet">{t('common.total', { n: total.toLocaleString('en-US') })}</span>
      <Pagination
        size="small"
        current={Math.floor(offset / limit) + 1}
        pageSize={limit}
        total={total}
        showSizeChanger={false}
        onChange={(page) => onOffset((page - 1) * limit)}
      />
    </nav>
  );
}
