<?php
/**
 * Plugin Name: Vestibule appointments
 * Description: Shows booking, visits and surveys of a Vestibule server: [vestibule show="book" service="first-consultation"].
 * Version: 0.1.0
 * Requires at least: 6.5
 * Requires PHP: 7.4
 * License: MIT
 * Text Domain: vestibule-embed
 */

if (!defined('ABSPATH')) {
    exit;
}

const VESTIBULE_EMBED_ELEMENTS = array('book', 'visit', 'survey', 'button');
const VESTIBULE_EMBED_ATTRIBUTES = array('service', 'provider', 'language', 'theme', 'height', 'label', 'opens');

/** The server's origin as it was set, or '' for none: nothing but scheme, host and port is ever used. */
function vestibule_embed_server(): string
{
    $parts = wp_parse_url((string) get_option('vestibule_embed_server', ''));
    if (!is_array($parts) || empty($parts['host']) || !in_array($parts['scheme'] ?? '', array('https', 'http'), true)) {
        return '';
    }
    $port = isset($parts['port']) ? ':' . (int) $parts['port'] : '';
    return $parts['scheme'] . '://' . $parts['host'] . $port;
}

/** One element for a page. Who may write posts may choose what it shows, and nothing about other people's visits. */
function vestibule_embed_shortcode($given): string
{
    $defaults = array_fill_keys(VESTIBULE_EMBED_ATTRIBUTES, '');
    $given = shortcode_atts($defaults + array('show' => 'book', 'business' => ''), (array) $given, 'vestibule');
    $server = vestibule_embed_server();
    $business = sanitize_title($given['business'] !== '' ? $given['business'] : (string) get_option('vestibule_embed_business', ''));
    if ($server === '' || $business === '' || !in_array($given['show'], VESTIBULE_EMBED_ELEMENTS, true)) {
        return current_user_can('edit_posts')
            ? '<p>' . esc_html__('Vestibule: set the server and the business under Settings, Vestibule.', 'vestibule-embed') . '</p>'
            : '';
    }
    wp_enqueue_script_module('vestibule-embed', $server . '/embed.js', array(), null);
    $attributes = array('server' => $server, 'business' => $business);
    foreach (VESTIBULE_EMBED_ATTRIBUTES as $name) {
        if ($given[$name] !== '') {
            $attributes[$name] = (string) $given[$name];
        }
    }
    // Whoever is signed in here need not type who they are; the element never puts it into an address.
    $person = wp_get_current_user();
    if ($person->exists() && in_array($given['show'], array('book', 'button'), true)) {
        $attributes['name'] = $person->display_name;
        $attributes['email'] = $person->user_email;
    }
    $written = '';
    foreach ($attributes as $name => $text) {
        $written .= sprintf(' %s="%s"', $name, esc_attr($text));
    }
    $link = sprintf(
        '<a href="%s">%s</a>',
        esc_url($server . '/book/' . rawurlencode($business)),
        esc_html__('Book an appointment', 'vestibule-embed')
    );
    return sprintf('<vestibule-%1$s%2$s>%3$s</vestibule-%1$s>', $given['show'], $written, $link);
}
add_shortcode('vestibule', 'vestibule_embed_shortcode');

function vestibule_embed_register_settings(): void
{
    register_setting('vestibule_embed', 'vestibule_embed_server', array('type' => 'string', 'sanitize_callback' => 'sanitize_url'));
    register_setting('vestibule_embed', 'vestibule_embed_business', array('type' => 'string', 'sanitize_callback' => 'sanitize_title'));
}
add_action('admin_init', 'vestibule_embed_register_settings');

function vestibule_embed_menu(): void
{
    add_options_page('Vestibule', 'Vestibule', 'manage_options', 'vestibule-embed', 'vestibule_embed_settings_page');
}
add_action('admin_menu', 'vestibule_embed_menu');

function vestibule_embed_settings_page(): void
{
    if (!current_user_can('manage_options')) {
        return;
    }
    $fields = array(
        'vestibule_embed_server' => __('Address of the server', 'vestibule-embed'),
        'vestibule_embed_business' => __('Name of the business in addresses', 'vestibule-embed'),
    );
    echo '<div class="wrap"><h1>Vestibule</h1><form method="post" action="options.php">';
    settings_fields('vestibule_embed');
    echo '<table class="form-table" role="presentation">';
    foreach ($fields as $name => $label) {
        printf(
            '<tr><th scope="row"><label for="%1$s">%2$s</label></th><td><input class="regular-text" id="%1$s" name="%1$s" value="%3$s"></td></tr>',
            esc_attr($name),
            esc_html($label),
            esc_attr((string) get_option($name, ''))
        );
    }
    echo '</table>';
    submit_button();
    printf(
        '<p>%s <code>%s</code></p></form></div>',
        esc_html__('In Vestibule, list this site among those that may show your pages:', 'vestibule-embed'),
        esc_html(untrailingslashit(home_url()))
    );
}
