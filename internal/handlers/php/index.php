<?php
// Looks for what smoke.json names and reports on it.

// Composer's autoloader, by the include path or where a layer has it. The
// sandbox says where it has put the layers.
function smoke_autoload()
{
    $opt = getenv('LAYERBUILD_OPT') ? getenv('LAYERBUILD_OPT') : '/opt';
    foreach (array(stream_resolve_include_path('vendor/autoload.php'), "$opt/php/vendor/autoload.php", "$opt/vendor/autoload.php") as $file) {
        if ($file && is_file($file)) {
            require_once $file;
            return;
        }
    }
}

function smoke_version($name)
{
    if (extension_loaded($name)) {
        return (string) phpversion($name);
    }
    if (class_exists($name) || interface_exists($name) || trait_exists($name) || function_exists($name)) {
        return '';
    }
    throw new RuntimeException('no such class, function or extension');
}

function smoke_look()
{
    $settings = json_decode(file_get_contents(__DIR__ . '/smoke.json'), true);
    $imports = array();
    $failed = array();
    try {
        smoke_autoload();
        $broken = null;
    } catch (Exception $e) {
        $broken = $e;
    } catch (Throwable $e) {
        $broken = $e;
    }
    foreach ($settings['imports'] as $name) {
        try {
            if ($broken !== null) {
                throw $broken;
            }
            $imports[$name] = smoke_version($name);
        } catch (Exception $e) {
            $failed[$name] = get_class($e) . ': ' . $e->getMessage();
        } catch (Throwable $e) {
            $failed[$name] = get_class($e) . ': ' . $e->getMessage();
        }
    }
    $report = array('ok' => count($failed) === 0, 'imports' => (object) $imports, 'failed' => (object) $failed);
    return $settings['text'] ? json_encode($report) : $report;
}

function handler($event, $context)
{
    return smoke_look();
}

function main_handler($event, $context)
{
    return smoke_look();
}
