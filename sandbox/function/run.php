<?php
// Calls a function's handler once, as the clouds' PHP runtimes do.
//
// The first argument is the folder of the call: call.json and event are read
// there; output or failure is left there, and loaded once the code is loaded.

define('CALL_FOLDER', $argv[1]);

// Writes a file that is whole when it has its name.
function call_leave($name, $data)
{
    $path = CALL_FOLDER . DIRECTORY_SEPARATOR . $name;
    file_put_contents($path . '.part', $data);
    rename($path . '.part', $path);
}

// Leaves the result and ends. A function that registered what is to be done at
// the end has it done.
function call_end($name, $data)
{
    call_leave($name, $data);
    exit(0);
}

function call_fail($type, $message, $trace = [])
{
    $text = json_encode(
        ['errorType' => $type, 'errorMessage' => $message, 'stackTrace' => $trace],
        JSON_INVALID_UTF8_SUBSTITUTE
    );
    call_end('failure', $text);
}

function call_main()
{
    $call = json_decode(file_get_contents(CALL_FOLDER . DIRECTORY_SEPARATOR . 'call.json'), true);
    $event = file_get_contents(CALL_FOLDER . DIRECTORY_SEPARATOR . 'event');
    $isFC = strpos($call['service'], 'fc') === 0;
    set_include_path($call['include']);
    if (!$isFC) { // Function Compute passes the bytes on
        $event = json_decode($event);
    }
    $context = ['requestId' => $call['request_id'], 'function' => [
        'name' => $call['name'], 'handler' => $call['handler'], 'memory' => $call['memory'], 'timeout' => $call['timeout'] / 1000,
    ]];
    $parts = explode('.', $call['handler']);
    if (count($parts) !== 2) {
        call_fail('Runtime.MalformedHandlerName', "Bad handler '{$call['handler']}'");
    }
    try {
        $file = $call['task'] . DIRECTORY_SEPARATOR . $parts[0] . '.php';
        if (!is_file($file)) {
            call_fail('Runtime.ImportModuleError', "Unable to find '{$parts[0]}.php'");
        }
        require_once $file;
        if (!function_exists($parts[1])) {
            call_fail('Runtime.HandlerNotFound', "Handler '{$parts[1]}' missing in '{$parts[0]}.php'");
        }
        call_leave('loaded', '');
        $result = $parts[1]($event, $isFC ? $context : (object) $context);
    } catch (Throwable $e) {
        $frames = array_filter(explode("\n", $e->getTraceAsString()), function ($line) {
            return strpos($line, __FILE__) === false && strpos($line, '{main}') === false;
        });
        call_fail(get_class($e), $e->getMessage(), array_merge(["{$e->getFile()}({$e->getLine()})"], array_values($frames)));
    }
    if (!$isFC || !is_string($result)) {
        $result = json_encode($result);
        if ($result === false) {
            call_fail('Runtime.MarshalError', 'Unable to marshal response: ' . json_last_error_msg());
        }
    }
    call_end('output', $result);
}

call_main();
