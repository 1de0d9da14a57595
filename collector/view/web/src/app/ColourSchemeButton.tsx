import { ActionIcon, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun, IconSystem } from '../parts/icons';

const NEXT: Record<MantineColorScheme, MantineColorScheme> = { auto: 'light', light: 'dark', dark: 'auto' };
const NAMES: Record<MantineColorScheme, string> = { auto: 'as the system', light: 'light', dark: 'dark' };
const ICONS = { auto: IconSystem, light: IconSun, dark: IconMoon };

export function ColourSchemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = ICONS[colorScheme];
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={30}
      aria-label={`Colours: ${NAMES[colorScheme]}`}
      data-tip={`Colours: ${NAMES[colorScheme]}. Press for ${NAMES[NEXT[colorScheme]]}.`}
      onClick={() => setColorScheme(NEXT[colorScheme])}
    >
      <Icon size={17} />
    </ActionIcon>
  );
}
