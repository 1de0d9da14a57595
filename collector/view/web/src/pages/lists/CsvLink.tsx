import { Button } from '@mantine/core';
import { IconDownload } from '../../parts/icons';

/** The list as a file: exactly what is filtered and shown. */
export function CsvLink({ href }: { href: string }) {
  return (
    <Button component="a" href={href} download size="xs" variant="default" leftSection={<IconDownload size={14} />}>
      CSV
    </Button>
  );
}
